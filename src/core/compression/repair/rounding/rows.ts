import type { Grid } from './grid';

/** One row of a weight's matrix while it is rounded. */
export interface RoundedRow {
  /** What the row would be without rounding. */
  readonly target: Float64Array;
  /** The scale of each column. */
  readonly scales: Int32Array;
  readonly levels: Int32Array;
  /** What the levels stand for. */
  readonly values: Float64Array;
  /** Columns that stay as they are (1): zeros of sparse weights. Null: none. */
  readonly fixed: Uint8Array | null;
}

/** Each column to its nearest level. */
export function roundToNearest(row: RoundedRow, grid: Grid): void {
  for (let column = 0; column < row.target.length; column++) {
    if (row.fixed?.[column] === 1) continue;
    const scale = row.scales[column] ?? 0;
    const level = grid.nearest(scale, row.target[column] ?? 0);
    row.levels[column] = level;
    row.values[column] = grid.value(scale, level);
  }
}
