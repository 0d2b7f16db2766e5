import { broadcastShape } from './arithmetic';
import type { GraphBuilder } from './builder';
import { reshape } from './shaping';
import { float32, type Term } from './term';

/** `left @ right` of matrices `[..., M, K]` and `[..., K, N]`, batches broadcast. Both have two dimensions or more. */
export function matMul(build: GraphBuilder, left: Term, right: Term): Term {
  const batch = broadcastShape(left.shape.slice(0, -2), right.shape.slice(0, -2));
  return build.one('MatMul', [left, right], float32([...batch, left.shape.at(-2) ?? 1, right.shape.at(-1) ?? 1]));
}

export interface Transposed {
  readonly left?: boolean;
  readonly right?: boolean;
}

/** `left' @ right'` of two matrices, either transposed, without a copy. */
export function gemm(build: GraphBuilder, left: Term, right: Term, transposed: Transposed = {}): Term {
  const rows = left.shape[transposed.left ? 1 : 0] ?? 1;
  const columns = right.shape[transposed.right ? 0 : 1] ?? 1;
  return build.one('Gemm', [left, right], float32([rows, columns]), {
    transA: { kind: 'int', value: transposed.left ? 1 : 0 },
    transB: { kind: 'int', value: transposed.right ? 1 : 0 },
  });
}

/**
 * A linear map of one axis: `result[…, i, …]` is the sum over `j` of `matrix[i][j] * term[…, j, …]`. Interpolation and
 * padding are such maps.
 */
export function mapAxis(build: GraphBuilder, term: Term, axis: number, matrix: readonly (readonly number[])[]): Term {
  const [rows, columns] = [matrix.length, term.shape[axis] ?? 1];
  const size = (lengths: readonly number[]): number => lengths.reduce((product, length) => product * length, 1);
  const [before, after] = [term.shape.slice(0, axis), term.shape.slice(axis + 1)];
  const weights = build.constant(matrix.flat(), [rows, columns]);
  const mapped =
    after.length === 0
      ? gemm(build, reshape(build, term, [size(before), columns]), weights, { right: true })
      : matMul(build, weights, reshape(build, term, [size(before), columns, size(after)]));
  return reshape(build, mapped, [...before, rows, ...after]);
}
