import type { Extent } from './extent';

/** Elements of a small row-major tensor with its axes in another order. */
export function transposed(value: readonly Extent[], shape: readonly number[], order: readonly number[]): Extent[] {
  const strides = stridesOf(shape);
  return picked(
    value,
    order.map((axis) => ({ first: 0, count: shape[axis] ?? 0, stride: strides[axis] ?? 0 })),
  );
}

/** Every `step`-th element from `first` along each axis. */
export function cut(
  value: readonly Extent[],
  shape: readonly number[],
  ranges: readonly { first: number; count: number; step: number }[],
): Extent[] {
  const strides = stridesOf(shape);
  return picked(
    value,
    ranges.map(({ first, count, step }, axis) => ({
      first: first * (strides[axis] ?? 0),
      count,
      stride: step * (strides[axis] ?? 0),
    })),
  );
}

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((total, length) => total * length, 1));
}

function picked(value: readonly Extent[], axes: readonly { first: number; count: number; stride: number }[]): Extent[] {
  const offset = axes.reduce((total, { first }) => total + first, 0);
  return axes
    .reduce<number[]>(
      (offsets, { count, stride }) =>
        offsets.flatMap((from) => Array.from({ length: count }, (_, index) => from + index * stride)),
      [offset],
    )
    .map((index) => value[index] ?? null);
}
