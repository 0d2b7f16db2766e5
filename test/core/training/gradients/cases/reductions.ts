import { map, type Array64 } from '../../reference/array';
import { mean, reduced, sum } from '../../reference/reduction';
import { int } from '../attributes';
import type { CaseInput, GradientCase } from '../case';

const product = (values: readonly number[]): number => values.reduce((all, value) => all * value, 1);

function cases(
  opType: string,
  axesAreInputFrom: number,
  put: (values: readonly number[]) => number,
  range: Partial<CaseInput> = {},
): GradientCase[] {
  const settings: readonly [string, readonly number[] | null, number][] = [
    ['over all', null, 0],
    ['over all, dimensions kept', null, 1],
    ['over the last', [-1], 0],
    ['over two, dimensions kept', [0, 2], 1],
    ['over two', [1, 2], 0],
  ];
  return settings.flatMap(([title, axes, keepdims]) => {
    const from = axes?.map((axis) => (axis < 0 ? axis + 3 : axis)) ?? [0, 1, 2];
    const reference = ([x]: readonly Array64[]): Array64[] => {
      if (!x) return [];
      const y = reduced(x, from, put);
      return [keepdims === 1 ? y : { shape: y.shape.filter((_, axis) => !from.includes(axis)), data: y.data }];
    };
    const x = { shape: [2, 3, 4], from: -2, to: 2, corners: [0], ...range };
    const axesInput = axes && { shape: [axes.length], values: axes, integers: true, constant: true };
    const asInput: GradientCase = {
      ...{ title, opType, reference, attributes: { keepdims: int(keepdims) } },
      ...{ inputs: axesInput ? [x, axesInput] : [x], opsets: axesAreInputFrom === 13 ? [13, 18, 21] : [18, 21] },
    };
    const asAttribute: GradientCase = {
      ...{ title: `${title}, axes as an attribute`, opType, reference, inputs: [x], opsets: [13, 17] },
      attributes: { keepdims: int(keepdims), ...(axes ? { axes: { kind: 'ints', value: axes } as const } : {}) },
    };
    return axesAreInputFrom === 13 ? [asInput] : [asInput, asAttribute];
  });
}

export const REDUCTION_CASES: readonly GradientCase[] = [
  ...cases('ReduceSum', 13, sum),
  ...cases('ReduceMean', 18, mean),
  ...cases('ReduceMax', 18, (values) => Math.max(...values)),
  ...cases('ReduceMin', 18, (values) => Math.min(...values)),
  ...cases('ReduceProd', 18, product),
  ...cases('ReduceL1', 18, (values) => sum(values.map(Math.abs))),
  ...cases('ReduceL2', 18, (values) => Math.hypot(...values)),
  ...cases('ReduceSumSquare', 18, (values) => sum(values.map((value) => value * value))),
  ...cases('ReduceLogSum', 18, (values) => Math.log(sum(values)), { from: 0.2 }),
  ...cases('ReduceLogSumExp', 18, (values) => Math.log(sum(values.map(Math.exp)))),
  ...[
    [0, 1, 2],
    [0, 0, 2],
  ].map((row): GradientCase => ({
    ...{ title: `with ${row.filter((value) => value === 0).length} zeros`, opType: 'ReduceProd', opsets: [13, 18] },
    inputs: [{ shape: [1, 3], values: row }],
    reference: ([x]) => (x ? [{ shape: [1, 1], data: reduced(x, [0, 1], product).data }] : []),
  })),
  {
    ...{ title: 'over nothing when that is asked for', opType: 'ReduceSum', inputs: [{ shape: [2, 3] }] },
    attributes: { noop_with_empty_axes: int(1) },
    reference: ([x]) => (x ? [map(x, (value) => value)] : []),
  },
];
