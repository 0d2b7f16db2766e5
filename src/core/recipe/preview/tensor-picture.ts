import type { Picture } from '../../evaluation/data';

/**
 * Values of one sample as a picture, the smallest black and the largest white; null where the shape is no picture's.
 * @param shape of one sample: `[C, H, W]`, `[H, W, C]` with 1 or 3 channels, or `[H, W]`
 */
export function tensorPicture(values: Float64Array, shape: readonly number[]): Picture | null {
  const layout = layoutOf(shape);
  if (layout === null) return null;
  const { width, height, channels, planar } = layout;
  const { low, factor } = stretch(values);
  const pixels = new Uint8Array(width * height * channels);
  const area = width * height;
  for (let index = 0; index < pixels.length; index++) {
    const channel = index % channels;
    const at = planar ? channel * area + (index - channel) / channels : index;
    pixels[index] = Math.round(((values[at] ?? 0) - low) * factor);
  }
  return { width, height, channels, pixels };
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Channel by channel, not pixel by pixel. */
  readonly planar: boolean;
}

/** A side of fewer pixels is hardly a picture's. */
const SMALLEST_SIDE = 4;

function layoutOf(shape: readonly number[]): Layout | null {
  const [first = 0, second = 0, third] = shape;
  const layout =
    third === undefined
      ? { height: first, width: second, channels: 1 as const, planar: false }
      : isChannels(first)
        ? { height: second, width: third, channels: first, planar: true }
        : isChannels(third)
          ? { height: first, width: second, channels: third, planar: false }
          : null;
  const fits = shape.length === 2 || shape.length === 3;
  return fits && layout !== null && Math.min(layout.height, layout.width) >= SMALLEST_SIDE ? layout : null;
}

function isChannels(size: number): size is 1 | 3 {
  return size === 1 || size === 3;
}

function stretch(values: Float64Array): { low: number; factor: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low: Number.isFinite(low) ? low : 0, factor: high > low ? 255 / (high - low) : 0 };
}
