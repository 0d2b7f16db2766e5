import { encode } from 'fast-png';
import type { Picture } from './data/data-set';
import { resize } from './data/resize';

/** Pictures are thumbnails: a report stays a file that can be sent. */
const LARGEST_SIDE = 96;

/** A picture as a PNG in a data URL, made smaller where it is larger than a thumbnail; null for null. */
export function thumbnail(picture: Picture | null): string | null {
  if (picture === null) return null;
  const { width, height, channels, pixels } = reduced(picture);
  const png = encode({ width, height, channels, depth: 8, data: pixels });
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

function reduced(picture: Picture): Picture {
  const factor = LARGEST_SIDE / Math.max(picture.width, picture.height);
  if (factor >= 1) return picture;
  const scaled = (side: number): number => Math.max(1, Math.round(side * factor));
  return resize(picture, scaled(picture.width), scaled(picture.height));
}
