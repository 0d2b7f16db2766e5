import { at, fill, type Array64 } from '../../reference/array';
import { int, integers } from '../attributes';
import type { GradientCase } from '../case';

function joined(pieces: readonly Array64[], axis: number): Array64 {
  const lengths = pieces.map(({ shape }) => shape[axis] ?? 1);
  const shape = (pieces[0]?.shape ?? []).map((length, each) =>
    each === axis ? lengths.reduce((sum, part) => sum + part, 0) : length,
  );
  return fill(shape, (position) => {
    const starts = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, part) => sum + part, 0));
    const index = starts.filter((start) => start <= (position[axis] ?? 0)).length - 1;
    const piece = pieces[index];
    const inPiece = position.map((value, each) => (each === axis ? value - (starts[index] ?? 0) : value));
    return piece ? at(piece, inPiece) : 0;
  });
}

function cut(x: Array64, axis: number, lengths: readonly number[]): Array64[] {
  return lengths.map((length, index) => {
    const start = lengths.slice(0, index).reduce((sum, part) => sum + part, 0);
    return fill(
      x.shape.map((whole, each) => (each === axis ? length : whole)),
      (position) =>
        at(
          x,
          position.map((value, each) => (each === axis ? value + start : value)),
        ),
    );
  });
}

const concat = (title: string, axis: number, shapes: readonly (readonly number[])[]): GradientCase => ({
  ...{ title, opType: 'Concat', attributes: { axis: int(axis) }, inputs: shapes.map((shape) => ({ shape })) },
  reference: (pieces) => [joined(pieces, axis < 0 ? axis + (shapes[0]?.length ?? 0) : axis)],
});

const split = (title: string, axis: number, lengths: readonly number[], rest: Partial<GradientCase>): GradientCase => ({
  ...{ title, opType: 'Split', attributes: { axis: int(axis) } },
  inputs: [{ shape: [2, 6, 3] }, integers(lengths)],
  reference: ([x]) => (x ? cut(x, axis < 0 ? axis + 3 : axis, lengths) : []),
  ...rest,
});

export const JOINING_CASES: readonly GradientCase[] = [
  concat('of two along the first axis', 0, [
    [2, 3],
    [1, 3],
  ]),
  concat('of three along the last axis', -1, [
    [2, 1, 2],
    [2, 1, 3],
    [2, 1, 1],
  ]),
  concat('of one', 1, [[2, 3]]),
  split('into three lengths', 1, [1, 3, 2], {}),
  split('along the last axis', -1, [2, 1], {}),
  split('into equal parts', 1, [2, 2, 2], {
    ...{ inputs: [{ shape: [2, 6, 3] }], attributes: { axis: int(1), num_outputs: int(3) }, opsets: [18, 21] },
  }),
  split('into parts of which the last is shorter', 1, [4, 2], {
    ...{ inputs: [{ shape: [2, 6, 3] }, integers([4, 2])], opsets: [18] },
  }),
  split('into equal parts, as before operator set 18', 1, [3, 3], {
    ...{ inputs: [{ shape: [2, 6, 3] }], opsets: [13, 17] },
  }),
];
