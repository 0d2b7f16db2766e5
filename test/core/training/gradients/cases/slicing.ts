import { at, fill, type Array64 } from '../../reference/array';
import { integers } from '../attributes';
import type { GradientCase } from '../case';

/** Elements `first`, `first + step`, … of each axis: `count` of them. */
const taken = (x: Array64, axes: readonly (readonly [first: number, step: number, count: number])[]): Array64 =>
  fill(
    axes.map(([, , count]) => count),
    (position) =>
      at(
        x,
        position.map((index, axis) => (axes[axis]?.[0] ?? 0) + index * (axes[axis]?.[1] ?? 1)),
      ),
  );

function slice(
  title: string,
  shape: readonly number[],
  stated: readonly (readonly number[])[],
  axes: readonly (readonly [number, number, number])[],
): GradientCase {
  return {
    ...{ title, opType: 'Slice', inputs: [{ shape }, ...stated.map(integers)] },
    reference: ([x]) => (x ? [taken(x, axes)] : []),
  };
}

const FAR = 2 ** 31;

export const SLICING_CASES: readonly GradientCase[] = [
  slice(
    'of the first axis',
    [4, 3],
    [[1], [3]],
    [
      [1, 1, 2],
      [0, 1, 3],
    ],
  ),
  slice(
    'counted from the end',
    [5, 3],
    [[-3], [-1], [-2]],
    [
      [2, 1, 2],
      [0, 1, 3],
    ],
  ),
  slice(
    'past the end',
    [4, 3],
    [
      [1, -9],
      [FAR, 2],
      [0, 1],
    ],
    [
      [1, 1, 3],
      [0, 1, 2],
    ],
  ),
  slice(
    'in steps',
    [2, 7],
    [[1], [7], [1], [3]],
    [
      [0, 1, 2],
      [1, 3, 2],
    ],
  ),
  slice(
    'in steps from the front',
    [2, 7, 2],
    [[0], [FAR], [1], [2]],
    [
      [0, 1, 2],
      [0, 2, 4],
      [0, 1, 2],
    ],
  ),
  slice(
    'backwards',
    [3, 4],
    [[-1], [-FAR], [1], [-1]],
    [
      [0, 1, 3],
      [3, -1, 4],
    ],
  ),
  slice(
    'backwards in steps',
    [2, 7],
    [[5], [0], [1], [-2]],
    [
      [0, 1, 2],
      [5, -2, 3],
    ],
  ),
  slice(
    'of two axes',
    [5, 6],
    [
      [1, 4],
      [4, 1],
      [0, 1],
      [2, -1],
    ],
    [
      [1, 2, 2],
      [4, -1, 3],
    ],
  ),
];
