import { elementsOf } from '../../../model/model';
import { SMALLEST_SCALE } from './activation-parameters';
import { clip, roundHalfEven } from './rounding';

/** Largest magnitude of a weight's code: symmetric, so that zero is 0 and no product needs a correction. */
export const WEIGHT_LIMIT = 127;

/** With 7 bits, two products of uint8 and int8 fit the 16-bit sums of x86 processors without VNNI. */
export const REDUCED_WEIGHT_LIMIT = 64;

/** A tensor's channels along an axis, as runs of contiguous elements. */
interface Channels {
  readonly count: number;
  /** Elements of one run. */
  readonly run: number;
  readonly elements: number;
}

/** One scale a channel along `axis`, or one for the whole tensor when `axis` is null. */
function channelsOf(shape: readonly number[], axis: number | null): Channels {
  const elements = elementsOf(shape);
  if (axis === null) return { count: 1, run: Math.max(elements, 1), elements };
  return { count: shape[axis] ?? 1, run: Math.max(elementsOf(shape.slice(axis + 1)), 1), elements };
}

/** The largest magnitude in each channel; NaN where one of its values is. */
export function channelMagnitudes(values: Float32Array, shape: readonly number[], axis: number | null): Float64Array {
  const { count, run, elements } = channelsOf(shape, axis);
  const largest = new Float64Array(count);
  for (let start = 0, channel = 0; start < elements; start += run, channel = (channel + 1) % count) {
    let magnitude = largest[channel] ?? 0;
    for (let i = start; i < start + run; i++) {
      // Keeps NaN.
      magnitude = Math.max(magnitude, Math.abs(values[i] ?? 0));
    }
    largest[channel] = magnitude;
  }
  return largest;
}

/**
 * Symmetric scales, `magnitude / limit`. A channel of zeros takes the largest scale of the others (1 when all are
 * zeros): its codes are zeros whatever the scale is, but its bias is rounded by it.
 */
export function weightScales(magnitudes: Float64Array, limit: number): Float32Array {
  const scales = Float32Array.from(magnitudes, (magnitude) => magnitude / limit);
  const largest = scales.reduce((a, b) => Math.max(a, b), 0);
  const ofZeros = largest < SMALLEST_SCALE ? 1 : largest;
  return scales.map((scale) => (scale < SMALLEST_SCALE ? ofZeros : scale));
}

/** `clip(round(value / scale), -limit, limit)`, one scale a channel. */
export function weightCodes(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  scales: Float32Array,
  limit: number,
): Int8Array {
  const { count, run, elements } = channelsOf(shape, axis);
  const codes = new Int8Array(elements);
  for (let start = 0, channel = 0; start < elements; start += run, channel = (channel + 1) % count) {
    const scale = scales[channel] ?? 1;
    for (let i = start; i < start + run; i++) {
      codes[i] = clip(roundHalfEven((values[i] ?? 0) / scale), -limit, limit);
    }
  }
  return codes;
}
