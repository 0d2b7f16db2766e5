import type { Affine } from './conversion';
import type { PictureAxes } from './data-set';
import type { Fit } from './fit';
import type { RawArray } from './raw-set';

/** Where height, width and channels of prepared pictures lie; null for samples that are none. */
export function pictureAxes(array: RawArray, { shape, channelAxis }: Fit, affine: Affine | null): PictureAxes | null {
  const axis = shape.length === 3 ? (channelAxis ?? channelsByLength(shape)) : array.order === 'HW' ? null : undefined;
  if (axis !== 0 && axis !== 2 && axis !== null) return null;
  if (axis === null && shape.length !== 2) return null;
  const channels = axis === null ? 1 : (shape[axis] ?? 1);
  const stride = axis === 0 ? (shape[1] ?? 1) * (shape[2] ?? 1) : 1;
  return {
    channelAxis: axis,
    black: Array.from({ length: channels }, (_, channel) => blackAt(channel * stride, affine)),
  };
}

/** Of pictures that were flattened in their file: one or three channels, first or last. */
function channelsByLength([first, , last]: readonly number[]): 0 | 2 | undefined {
  if (first === 1 || first === 3) return 0;
  return last === 1 || last === 3 ? 2 : undefined;
}

function blackAt(position: number, affine: Affine | null): number {
  if (affine === null) return 0;
  const black = -(affine.mean[position] ?? 0) / (affine.deviation[position] ?? 1);
  // Of a mean of 0 it would be -0.
  return black === 0 ? 0 : black;
}
