import { at, fill, zip, type Array64 } from './array';

/** All elements along `axes` put together, those dimensions kept with length 1. */
export function reduced(x: Array64, axes: readonly number[], put: (values: readonly number[]) => number): Array64 {
  const shape = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const along = x.shape.map((length, axis) => (axes.includes(axis) ? length : 1));
  return fill(shape, (position) => {
    const values: number[] = [];
    fill(along, (offset) =>
      values.push(
        at(
          x,
          position.map((start, axis) => start + (offset[axis] ?? 0)),
        ),
      ),
    );
    return put(values);
  });
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
export const mean = (values: readonly number[]): number => sum(values) / values.length;
export const meanSquare = (values: readonly number[]): number => mean(values.map((value) => value * value));
/** Of the population. */
export const variance = (values: readonly number[]): number => {
  const middle = mean(values);
  return meanSquare(values.map((value) => value - middle));
};

/** `(x - mean) / sqrt(variance + epsilon)` over `axes`. */
export function normalized(x: Array64, axes: readonly number[], epsilon: number): Array64 {
  const centered = zip(x, reduced(x, axes, mean), (value, middle) => value - middle);
  return zip(centered, reduced(x, axes, variance), (value, spread) => value / Math.sqrt(spread + epsilon));
}

/** The same numbers in another shape. */
export const shaped = ({ data }: Array64, shape: readonly number[]): Array64 => ({ shape, data });

export const affine = (x: Array64, scale: Array64, shift?: Array64): Array64 => {
  const scaled = zip(x, scale, (value, factor) => value * factor);
  return shift ? zip(scaled, shift, (value, by) => value + by) : scaled;
};
