import type { Grid } from './grid';
import type { RoundedRow } from './rows';

/** Rows that are rounded at once: the factor is read once for all of them. */
export const ROWS_AT_ONCE = 4;

/**
 * The factor that successive rounding goes by: `H = L L^T` with columns in the order `order`, L^T above the diagonal,
 * `[columns, columns]`. Rounding begins with the last.
 */
export interface Factor {
  readonly order: Int32Array;
  readonly upper: Float64Array;
}

/**
 * Rounds a weight's columns one after the other, each after what the rounding of those before it asks of it, so that
 * the error of the outputs, `|L^T (w - target)|^2`, stays small: GPTQ (Frantar et al. 2022) with the columns of the
 * largest moments first, computed as the nearest plane of Babai (the same codes, Chen et al. 2025), which needs no
 * inverse. At most `ROWS_AT_ONCE` rows.
 */
export function roundSuccessively(rows: readonly RoundedRow[], grid: Grid, { order, upper }: Factor): void {
  const n = order.length;
  const errors = Array.from({ length: ROWS_AT_ONCE }, () => new Float64Array(n));
  const [e0, e1, e2, e3] = errors;
  if (e0 === undefined || e1 === undefined || e2 === undefined || e3 === undefined) return;
  for (let i = n - 1; i >= 0; i--) {
    const start = i * n;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = i + 1; j < n; j++) {
      const factor = upper[start + j] ?? 0;
      s0 += factor * (e0[j] ?? 0);
      s1 += factor * (e1[j] ?? 0);
      s2 += factor * (e2[j] ?? 0);
      s3 += factor * (e3[j] ?? 0);
    }
    const diagonal = upper[start + i] ?? 1;
    roundColumn(rows[0], grid, order[i] ?? 0, s0 / diagonal, e0, i);
    roundColumn(rows[1], grid, order[i] ?? 0, s1 / diagonal, e1, i);
    roundColumn(rows[2], grid, order[i] ?? 0, s2 / diagonal, e2, i);
    roundColumn(rows[3], grid, order[i] ?? 0, s3 / diagonal, e3, i);
  }
}

/** `asked`: what the columns that are done ask of this one. Its error, `target - value`, goes to `errors[at]`. */
function roundColumn(
  row: RoundedRow | undefined,
  grid: Grid,
  column: number,
  asked: number,
  errors: Float64Array,
  at: number,
): void {
  if (row === undefined || row.fixed?.[column] === 1) {
    if (row !== undefined) errors[at] = (row.target[column] ?? 0) - (row.values[column] ?? 0);
    return;
  }
  const scale = row.scales[column] ?? 0;
  const target = row.target[column] ?? 0;
  const level = grid.nearest(scale, target + asked);
  const value = grid.value(scale, level);
  row.levels[column] = level;
  row.values[column] = value;
  errors[at] = target - value;
}
