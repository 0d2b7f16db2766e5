/** Columns of a block: 64 rows of 4096 numbers stay in the processor's cache while others are done with them. */
const BLOCK = 64;

/**
 * The lower triangle `L` of `A = L L^T`, in the place of A's; the upper triangle is left as it was. Row-major `[n, n]`.
 * False when A is not positive definite, with A half done.
 */
export function cholesky(matrix: Float64Array, n: number): boolean {
  for (let first = 0; first < n; first += BLOCK) {
    const end = Math.min(n, first + BLOCK);
    for (let row = first; row < n; row++) {
      for (let column = first; column < end && column <= row; column++) {
        const rest = (matrix[row * n + column] ?? 0) - dotRows(matrix, n, row, column);
        if (row > column) {
          matrix[row * n + column] = rest / (matrix[column * n + column] ?? 1);
        } else if (rest > 0) {
          matrix[row * n + row] = Math.sqrt(rest);
        } else {
          return false;
        }
      }
    }
  }
  return true;
}

/** The product of what is left of `column` in two rows. */
function dotRows(matrix: Float64Array, n: number, row: number, column: number): number {
  const left = row * n;
  const right = column * n;
  let even = 0;
  let odd = 0;
  let k = 0;
  for (; k + 1 < column; k += 2) {
    even += (matrix[left + k] ?? 0) * (matrix[right + k] ?? 0);
    odd += (matrix[left + k + 1] ?? 0) * (matrix[right + k + 1] ?? 0);
  }
  if (k < column) even += (matrix[left + k] ?? 0) * (matrix[right + k] ?? 0);
  return even + odd;
}

/** Puts the transposed lower triangle in the place of the upper one. */
export function mirrorLower(matrix: Float64Array, n: number): void {
  for (let row = 1; row < n; row++) {
    for (let column = 0; column < row; column++) matrix[column * n + row] = matrix[row * n + column] ?? 0;
  }
}

/** Solves `L L^T x = b` in place of `b`; `factor` holds L below and L^T above the diagonal. */
export function solveFactored(factor: Float64Array, n: number, b: Float64Array): void {
  for (let row = 0; row < n; row++) {
    let sum = b[row] ?? 0;
    for (let k = 0; k < row; k++) sum -= (factor[row * n + k] ?? 0) * (b[k] ?? 0);
    b[row] = sum / (factor[row * n + row] ?? 1);
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = b[row] ?? 0;
    for (let k = row + 1; k < n; k++) sum -= (factor[row * n + k] ?? 0) * (b[k] ?? 0);
    b[row] = sum / (factor[row * n + row] ?? 1);
  }
}
