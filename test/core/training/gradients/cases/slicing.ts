import { at, fill, type Array64 } from '../../reference/array';
import { integers, scalar, text } from '../attributes';
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

/** Place of the element that stands at `place`, which lies outside; null where it is the constant. */
type Outside = (place: number, length: number) => number | null;

const SOURCES: Readonly<Record<string, Outside>> = {
  constant: () => null,
  edge: (place, length) => (place < 0 ? 0 : length - 1),
  reflect: (place, length) => (place < 0 ? -place : 2 * (length - 1) - place),
  wrap: (place, length) => (place < 0 ? place + length : place - length),
};

function padded(
  mode: string,
  before: readonly number[],
  after: readonly number[],
  opsets: readonly number[],
): GradientCase {
  const shape = [2, 3, 4];
  return {
    ...{ title: `${mode}, ${before.join()} before and ${after.join()} after`, opType: 'Pad', opsets },
    attributes: { mode: text(mode) },
    inputs: [
      { shape },
      integers([...before, ...after]),
      ...(mode === 'constant' ? [{ shape: [], values: [0.7] }] : []),
    ],
    reference: ([x, , value]) => {
      if (!x) return [];
      const whole = shape.map((length, axis) => length + (before[axis] ?? 0) + (after[axis] ?? 0));
      const result = fill(whole, (position) => {
        const source = position.map((each, axis) => {
          const [place, length] = [each - (before[axis] ?? 0), shape[axis] ?? 1];
          return place >= 0 && place < length ? place : (SOURCES[mode]?.(place, length) ?? null);
        });
        const inside = source.flatMap((each) => each ?? []);
        return inside.length === source.length ? at(x, inside) : (value?.data[0] ?? 0);
      });
      return [result];
    },
  };
}

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
  padded('constant', [0, 1, 2], [1, 0, 1], [13, 18, 21]),
  padded('constant', [0, 0, -1], [1, 0, -1], [13, 18, 21]),
  padded('edge', [1, 2, 0], [0, 1, 3], [13, 18, 21]),
  padded('reflect', [0, 2, 1], [1, 1, 3], [13, 18, 21]),
  padded('wrap', [0, 2, 1], [1, 1, 3], [19, 21]),
  {
    ...{ title: 'of one axis', opType: 'Pad', opsets: [18, 21] },
    inputs: [{ shape: [2, 3] }, integers([1, 2]), scalar(0), integers([-1])],
    reference: ([x]) => (x ? [fill([2, 6], ([row = 0, column = 0]) => at(x, [row, column - 1]) * inside(column))] : []),
  },
];

function inside(column: number): number {
  return column >= 1 && column < 4 ? 1 : 0;
}
