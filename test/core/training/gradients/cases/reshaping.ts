import { at, fill, type Array64 } from '../../reference/array';
import type { CaseInput, GradientCase } from '../case';

const integers = (values: readonly number[]): CaseInput => ({
  ...{ shape: [values.length], values, integers: true, constant: true },
});

const reshaped = (
  opType: string,
  title: string,
  from: readonly number[],
  to: readonly number[],
  rest: Partial<GradientCase>,
): GradientCase => ({
  ...{ title, opType, inputs: [{ shape: from }] },
  reference: ([x]) => (x ? [{ shape: to, data: x.data }] : []),
  ...rest,
});

const permuted = (x: Array64, perm: readonly number[]): Array64 =>
  fill(
    perm.map((axis) => x.shape[axis] ?? 1),
    (position) =>
      at(
        x,
        x.shape.map((_, axis) => position[perm.indexOf(axis)] ?? 0),
      ),
  );

export const RESHAPING_CASES: readonly GradientCase[] = [
  reshaped('Reshape', 'with a length left open', [2, 3, 4], [4, 6], {
    inputs: [{ shape: [2, 3, 4] }, integers([4, -1])],
  }),
  reshaped('Flatten', 'after the first dimension', [2, 3, 4], [2, 12], {}),
  reshaped('Squeeze', 'of two dimensions', [1, 3, 1], [3], { inputs: [{ shape: [1, 3, 1] }, integers([0, 2])] }),
  reshaped('Unsqueeze', 'at both ends', [3, 2], [1, 3, 2, 1], { inputs: [{ shape: [3, 2] }, integers([0, 3])] }),
  reshaped('Identity', 'of a matrix', [3, 2], [3, 2], {}),
  ...[
    [2, 0, 1],
    [0, 2, 1],
  ].map((perm): GradientCase => ({
    ...{ title: `by ${perm.join()}`, opType: 'Transpose', inputs: [{ shape: [2, 3, 4] }] },
    attributes: { perm: { kind: 'ints', value: perm } },
    reference: ([x]) => (x ? [permuted(x, perm)] : []),
  })),
  {
    ...{ title: 'without a permutation', opType: 'Transpose', inputs: [{ shape: [2, 3, 4] }] },
    reference: ([x]) => (x ? [permuted(x, [2, 1, 0])] : []),
  },
];
