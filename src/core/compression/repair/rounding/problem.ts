import type { MatrixShape } from '../matrix-layers';
import type { Moments } from '../moments/moments';
import { cholesky, mirrorLower, solveFactored } from './cholesky';
import type { Factor } from './successive';

/** Share of the mean of the diagonal that is added to it: GPTQ's. */
export const DAMPING = 0.01;
/** Multiplications up to which a target is adapted to inputs that rounding has changed: some ten seconds. */
const MAX_TARGET_WORK = 2e10;

/**
 * The rounding of one layer: find `values` on a grid so that the outputs' error, the sum over groups and rows of
 * `(values - target) H (values - target)^T`, is small.
 */
export interface RoundingProblem {
  readonly matrix: MatrixShape;
  /** What each weight would be without rounding, in the weight's own layout. */
  readonly target: Float32Array;
  /** `H` of each group: damped second moments of the inputs, row-major `[columns, columns]`. */
  readonly moments: readonly Float64Array[];
}

/**
 * The problem of a layer whose inputs have the moments that were collected.
 * @param centred true where the layer's bias will make up for what the mean of the inputs does
 * @param damping share of the mean of H's diagonal that is added to it; 0 where nothing is to be factored
 */
export function roundingProblem(
  matrix: MatrixShape,
  weight: Float32Array,
  collected: Moments,
  centred: boolean,
  damping: number,
): RoundingProblem {
  const { groups, columns, rows } = matrix;
  const target = weight.slice();
  const moments: Float64Array[] = [];
  const adapt = collected.cross !== null && groups * rows * columns ** 2 <= MAX_TARGET_WORK;
  for (let group = 0; group < groups; group++) {
    const size = columns * columns;
    const part = (all: Float64Array): Float64Array => all.slice(group * size, (group + 1) * size);
    const meanOf = (all: Float64Array): Float64Array => all.subarray(group * columns, (group + 1) * columns);
    const second = part(collected.second);
    if (centred) subtractOuter(second, meanOf(collected.mean), meanOf(collected.mean));
    const added = damp(second, columns, damping);
    moments.push(second);
    if (!adapt || collected.cross === null) continue;
    const cross = part(collected.cross);
    if (centred) subtractOuter(cross, meanOf(collected.floatMean), meanOf(collected.mean));
    const doubt = (meanOfDiagonal(second, columns) * columns) / Math.max(1, collected.count);
    adaptTarget(target, matrix, group, withDiagonal(second, columns, doubt), cross, added + doubt);
  }
  return { matrix, target, moments };
}

/** Where an element of a group's row lies, and the way to the next column's. */
export function rowStart({ rows, rowStride }: MatrixShape, group: number, row: number): number {
  return (group * rows + row) * rowStride;
}

function subtractOuter(matrix: Float64Array, left: Float64Array, right: Float64Array): void {
  const n = left.length;
  for (let row = 0; row < n; row++) {
    const factor = left[row] ?? 0;
    for (let column = 0; column < n; column++) {
      matrix[row * n + column] = (matrix[row * n + column] ?? 0) - factor * (right[column] ?? 0);
    }
  }
}

/** Adds to the diagonal, in place, so that it can be factored whatever the samples were; gives what was added. */
function damp(matrix: Float64Array, n: number, share: number): number {
  const mean = meanOfDiagonal(matrix, n);
  const added = mean > 0 ? share * mean : share;
  for (let i = 0; i < n; i++) matrix[i * n + i] = (matrix[i * n + i] ?? 0) + added;
  return added;
}

function withDiagonal(matrix: Float64Array, n: number, added: number): Float64Array {
  const copy = matrix.slice();
  for (let i = 0; i < n; i++) copy[i * n + i] = (copy[i * n + i] ?? 0) + added;
  return copy;
}

function meanOfDiagonal(matrix: Float64Array, n: number): number {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += matrix[i * n + i] ?? 0;
  return trace / n;
}

/**
 * The weights with which the inputs of the rounded model give what the float model's give, in the least squares:
 * `W (C + damping) (H + damping)^-1`. The damping keeps them near W where the samples do not tell: it grows as there are
 * fewer of them for each unknown, or else what they have by chance would be learnt.
 * @param factor `H + damping`, which is overwritten
 */
function adaptTarget(
  target: Float32Array,
  matrix: MatrixShape,
  group: number,
  factor: Float64Array,
  cross: Float64Array,
  damping: number,
): void {
  const { rows, columns, columnStride } = matrix;
  if (!cholesky(factor, columns)) return;
  mirrorLower(factor, columns);
  const wanted = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const start = rowStart(matrix, group, row);
    wanted.fill(0);
    for (let i = 0; i < columns; i++) {
      const weight = target[start + i * columnStride] ?? 0;
      for (let j = 0; j < columns; j++) wanted[j] = (wanted[j] ?? 0) + weight * (cross[i * columns + j] ?? 0);
      wanted[i] = (wanted[i] ?? 0) + weight * damping;
    }
    solveFactored(factor, columns, wanted);
    for (let i = 0; i < columns; i++) target[start + i * columnStride] = wanted[i] ?? 0;
  }
}

/** What successive rounding of a group goes by; null where its moments cannot be factored. */
export function factorOf(moments: Float64Array, columns: number): Factor | null {
  const diagonal = Float64Array.from({ length: columns }, (_, i) => moments[i * columns + i] ?? 0);
  const order = Int32Array.from(diagonal.keys()).sort((a, b) => (diagonal[a] ?? 0) - (diagonal[b] ?? 0));
  const upper = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    const from = (order[i] ?? 0) * columns;
    for (let j = 0; j <= i; j++) upper[i * columns + j] = moments[from + (order[j] ?? 0)] ?? 0;
  }
  if (!cholesky(upper, columns)) return null;
  mirrorLower(upper, columns);
  return { order, upper };
}
