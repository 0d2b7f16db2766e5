import type { Attribute } from '../../../../../src/core/model/model';
import { zip, map } from '../../reference/array';
import { matMul, swapped } from '../../reference/products';
import type { GradientCase } from '../case';

const product = (title: string, left: readonly number[], right: readonly number[]): GradientCase => ({
  ...{ title, opType: 'MatMul', inputs: [{ shape: left }, { shape: right }] },
  reference: ([a, b]) => (a && b ? [matMul(a, b)] : []),
});

const int = (value: number): Attribute => ({ kind: 'int', value });
const float = (value: number): Attribute => ({ kind: 'float', value });

function layer(transA: boolean, transB: boolean, bias: readonly number[] | null): GradientCase {
  const [alpha, beta] = bias === null ? [1, 1] : [0.5, 2];
  return {
    title: `with transA ${Number(transA)}, transB ${Number(transB)}, ${bias === null ? 'no bias' : `a bias of [${bias.join(', ')}]`}`,
    opType: 'Gemm',
    attributes: { transA: int(Number(transA)), transB: int(Number(transB)), alpha: float(alpha), beta: float(beta) },
    inputs: [
      { shape: transA ? [3, 2] : [2, 3] },
      { shape: transB ? [4, 3] : [3, 4] },
      ...(bias === null ? [] : [{ shape: bias }]),
    ],
    reference: ([a, b, c]) => {
      if (!a || !b) return [];
      const y = map(matMul(transA ? swapped(a) : a, transB ? swapped(b) : b), (value) => alpha * value);
      return [c ? zip(y, c, (left, right) => left + beta * right) : y];
    },
  };
}

export const PRODUCT_CASES: readonly GradientCase[] = [
  product('of matrices', [2, 3], [3, 4]),
  product('of batches', [2, 2, 3], [2, 3, 4]),
  product('of a batch with one matrix', [2, 5, 3], [3, 4]),
  product('of one matrix with a batch', [5, 3], [2, 3, 4]),
  product('of batches that broadcast both ways', [2, 1, 5, 3], [3, 3, 4]),
  product('of a vector with a matrix', [3], [3, 4]),
  product('of a matrix with a vector', [2, 3], [3]),
  product('of vectors', [3], [3]),
  product('of a batch with a vector', [2, 4, 3], [3]),
  product('of a vector with a batch', [3], [2, 3, 4]),
  ...[false, true].flatMap((transA) => [false, true].map((transB) => layer(transA, transB, null))),
  layer(false, true, [4]),
  layer(false, false, [2, 4]),
  layer(true, true, [1, 1]),
  layer(true, false, []),
];
