import { at, fill } from '../../reference/array';
import { integers, scalar, text } from '../attributes';
import type { GradientCase } from '../case';

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

export const PADDING_CASES: readonly GradientCase[] = [
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
