import { elementsOf } from '../../model/model';

/** Elements of each channel of a tensor along `axis`, put together; one figure where there is no axis. */
export function channelFigures(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  put: (channel: Float32Array) => number,
): Float32Array {
  if (axis === null) return Float32Array.of(put(values));
  const channels = shape[axis] ?? 1;
  const inner = elementsOf(shape.slice(axis + 1));
  const each = values.length / channels;
  return Float32Array.from({ length: channels }, (_, channel) =>
    put(
      Float32Array.from({ length: each }, (_unused, index) => {
        const outer = Math.floor(index / inner);
        return values[(outer * channels + channel) * inner + (index % inner)] ?? 0;
      }),
    ),
  );
}

/** The shape in which one figure a channel broadcasts to the tensor. */
export function channelShape(shape: readonly number[], axis: number | null): number[] {
  return axis === null ? [] : shape.map((length, each) => (each === axis ? length : 1));
}

export const meanMagnitude = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, values.length);

export const largestMagnitude = (values: Float32Array): number =>
  values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);

/** Steps to try for a channel, as shares of the one that holds its largest value. */
const TRIED = Array.from({ length: 40 }, (_, index) => (index + 1) / 40);

/** The step from which rounding to the grid errs least, squared: where learning begins. */
export function leastErrorStep(values: Float32Array, low: number, high: number): number {
  const most = largestMagnitude(values) / Math.max(1, Math.min(-low, high));
  let [best, least] = [most, Infinity];
  for (const share of TRIED) {
    const step = most * share;
    if (step === 0) break;
    let error = 0;
    for (const value of values) {
      const code = Math.min(high, Math.max(low, Math.round(value / step)));
      error += (value - code * step) ** 2;
    }
    if (error < least) [best, least] = [step, error];
  }
  return best;
}
