import { Breather } from '../breather';
import { descend, errorOf } from './coordinate-descent';
import { scalesOfRow, type Grid } from './grid';
import { factorOf, rowStart, type RoundingProblem } from './problem';
import { roundToNearest, type RoundedRow } from './rows';
import { ROWS_AT_ONCE, roundSuccessively, type Factor } from './successive';

/** How codes are chosen. `descent`: successive rounding first, then single codes as long as they gain. */
export type RoundingMethod = 'nearest' | 'successive' | 'descent';

/** A weight on its grid. */
export interface RoundedWeight {
  /** In the weight's own layout. */
  readonly values: Float32Array;
  /** The outputs' error: the sum over rows of `(values - target) H (values - target)^T`; null where it was not asked for. */
  readonly error: number | null;
}

/** Rounds weights of one problem, on as many grids as are tried. */
export class WeightRounding {
  private readonly factors: (Factor | null)[] = [];
  private readonly batch: RoundedRow[];
  private readonly gradient: Float64Array;
  private readonly breather: Breather;

  /** @param zeros for each weight, 1 where it is to be zero; null: nowhere */
  constructor(
    readonly problem: RoundingProblem,
    readonly zeros: Uint8Array | null,
    signal: AbortSignal,
  ) {
    this.breather = new Breather(signal);
    const { columns } = problem.matrix;
    this.gradient = new Float64Array(columns);
    this.batch = Array.from({ length: ROWS_AT_ONCE }, () => ({
      target: new Float64Array(columns),
      scales: new Int32Array(columns),
      levels: new Int32Array(columns),
      values: new Float64Array(columns),
      fixed: zeros === null ? null : new Uint8Array(columns),
    }));
  }

  /**
   * Every row on the grid. `seen` gets each row once it is done, with its group and `(values - target) H`; without it
   * the error is not measured, which takes longer than successive rounding.
   */
  async round(
    grid: Grid,
    method: RoundingMethod,
    seen?: (row: RoundedRow, group: number, gradient: Float64Array) => void,
  ): Promise<RoundedWeight> {
    const { matrix, moments } = this.problem;
    const values = new Float32Array(this.problem.target.length);
    let error = 0;
    for (let group = 0; group < matrix.groups; group++) {
      const second = moments[group] ?? new Float64Array(0);
      const factor = method === 'nearest' ? null : this.factor(group, second);
      for (let first = 0; first < matrix.rows; first += ROWS_AT_ONCE) {
        await this.breather.breathe();
        const rows = this.batch.slice(0, Math.min(ROWS_AT_ONCE, matrix.rows - first));
        for (const [at, row] of rows.entries()) this.load(row, grid, rowStart(matrix, group, first + at));
        if (factor === null) for (const row of rows) roundToNearest(row, grid);
        else roundSuccessively(rows, grid, factor);
        for (const [at, row] of rows.entries()) {
          if (method === 'descent') error += descend(row, grid, second, this.gradient);
          else if (seen !== undefined) error += errorOf(row, second, this.gradient);
          seen?.(row, group, this.gradient);
          this.store(row, values, rowStart(matrix, group, first + at));
        }
      }
    }
    return { values, error: seen === undefined ? null : error };
  }

  private factor(group: number, moments: Float64Array): Factor | null {
    const known = this.factors[group];
    if (known !== undefined) return known;
    const made = factorOf(moments, this.problem.matrix.columns);
    this.factors[group] = made;
    return made;
  }

  private load(row: RoundedRow, grid: Grid, start: number): void {
    const { columns, columnStride } = this.problem.matrix;
    scalesOfRow(grid.layout, start, columnStride, row.scales);
    for (let column = 0; column < columns; column++) {
      const element = start + column * columnStride;
      row.target[column] = this.problem.target[element] ?? 0;
      if (row.fixed === null) continue;
      row.fixed[column] = this.zeros?.[element] ?? 0;
      row.levels[column] = grid.nearest(row.scales[column] ?? 0, 0);
      row.values[column] = 0;
    }
  }

  private store(row: RoundedRow, values: Float32Array, start: number): void {
    const { columns, columnStride } = this.problem.matrix;
    for (let column = 0; column < columns; column++) values[start + column * columnStride] = row.values[column] ?? 0;
  }
}
