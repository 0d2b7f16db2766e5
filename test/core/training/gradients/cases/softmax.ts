import { at, fill, map, type Array64 } from '../../reference/array';
import type { GradientCase } from '../case';

function logSoftmax(x: Array64, axis: number): Array64 {
  const length = x.shape[axis] ?? 1;
  return fill(x.shape, (position) => {
    const row = Array.from({ length }, (_, index) =>
      at(
        x,
        position.map((value, each) => (each === axis ? index : value)),
      ),
    );
    return at(x, position) - Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
  });
}

export const SOFTMAX_CASES: readonly GradientCase[] = [-1, 1, 0].flatMap((axis): GradientCase[] => {
  const common = {
    title: `over axis ${axis}`,
    attributes: { axis: { kind: 'int', value: axis } as const },
    inputs: [{ shape: [2, 3, 4], from: -3, to: 3 }],
  };
  const from = axis < 0 ? axis + 3 : axis;
  return [
    { ...common, opType: 'LogSoftmax', reference: ([x]) => (x ? [logSoftmax(x, from)] : []) },
    { ...common, opType: 'Softmax', reference: ([x]) => (x ? [map(logSoftmax(x, from), Math.exp)] : []) },
  ];
});
