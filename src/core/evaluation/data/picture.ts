import type { TensorData, TensorDType } from '../../runtime/tensor';
import { toDoubles } from './conversion';
import type { Picture } from './data-set';
import type { PictureOrder } from './raw-set';

/** Which axes a sample's shape has, if it is a picture's; where both ends could be channels, they are first. */
export function pictureOrder(shape: readonly number[]): PictureOrder | null {
  if (shape.length === 2) return 'HW';
  const [first = 0, , last = 0] = shape;
  if (shape.length !== 3) return null;
  if (first === 1 || first === 3) return 'CHW';
  if (last === 1 || last === 3 || last === 4) return 'HWC';
  return first === 4 ? 'CHW' : null;
}

/** Height, width and channels of a picture's shape. */
export function sizesOf(
  shape: readonly number[],
  order: PictureOrder,
): { height: number; width: number; channels: number } {
  const [first = 1, second = 1, third = 1] = shape;
  if (order === 'CHW') return { height: second, width: third, channels: first };
  return { height: first, width: second, channels: order === 'HW' ? 1 : third };
}

/** Luma of ITU-R BT.601 in 16-bit fixed point, as Pillow computes it. */
export function luma(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

/** Interleaved pixels of 1, 3 or 4 channels as gray or RGB; alpha is dropped. */
export function toPicture(pixels: ArrayLike<number>, width: number, height: number, from: number, to: 1 | 3): Picture {
  const count = width * height;
  const out = new Uint8Array(count * to);
  for (let pixel = 0; pixel < count; pixel++) {
    const red = pixels[pixel * from] ?? 0;
    const green = from < 3 ? red : (pixels[pixel * from + 1] ?? 0);
    const blue = from < 3 ? red : (pixels[pixel * from + 2] ?? 0);
    if (to === 1) out[pixel] = from < 3 ? red : luma(red, green, blue);
    else out.set([red, green, blue], pixel * 3);
  }
  return { width, height, channels: to, pixels: out };
}

/** A sample's values as a picture to show: bytes as they are, other values stretched over 0 to 255. */
export function pictureOf(
  dtype: TensorDType,
  values: TensorData,
  shape: readonly number[],
  order: PictureOrder,
): Picture {
  const { height, width, channels } = sizesOf(shape, order);
  const doubles = toDoubles(dtype, values);
  const bytes = dtype === 'uint8' ? doubles : stretched(doubles);
  return toPicture(interleaved(bytes, order, channels), width, height, channels, channels === 1 ? 1 : 3);
}

/** Channels-first values with channels last. */
export function interleaved<T extends Float64Array | Uint8Array>(values: T, order: PictureOrder, channels: number): T {
  if (order !== 'CHW' || channels === 1) return values;
  const out = values.slice();
  const plane = values.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < plane; pixel++) out[pixel * channels + channel] = values[channel * plane + pixel] ?? 0;
  }
  return out as T;
}

function stretched(values: Float64Array): Float64Array {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // Values within 0 to 1 are pixels that were already scaled: keep their brightness.
  if (low >= 0 && high <= 1) [low, high] = [0, 1];
  const range = high > low ? high - low : 1;
  return values.map((value) => Math.round(((value - low) / range) * 255));
}

/** Interleaved pixels of three channels with red and blue exchanged. */
export function swapped(pixels: Uint8Array): Uint8Array {
  return pixels.map((value, index) =>
    index % 3 === 1 ? value : (pixels[index % 3 === 0 ? index + 2 : index - 2] ?? value),
  );
}
