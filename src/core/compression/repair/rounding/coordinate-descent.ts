import type { Grid } from './grid';
import type { RoundedRow } from './rows';

/** Rounds over all columns; few rows change after the fifth. */
const SWEEPS = 20;
/** Gains below this share of the error are noise of the arithmetic. */
const LEAST_GAIN = 1e-9;

/** A row's error `e H e^T` with `e = values - target`, and `e H`, in place of `into`. */
export function errorOf(row: RoundedRow, moments: Float64Array, into: Float64Array): number {
  const n = row.target.length;
  into.fill(0);
  for (let column = 0; column < n; column++) {
    const error = (row.values[column] ?? 0) - (row.target[column] ?? 0);
    if (error !== 0) addScaled(into, moments, column * n, error);
  }
  let sum = 0;
  for (let column = 0; column < n; column++) {
    sum += (into[column] ?? 0) * ((row.values[column] ?? 0) - (row.target[column] ?? 0));
  }
  return sum;
}

/**
 * Moves single columns a level up or down as long as that lowers the error of the outputs, `e H e^T`. What a move gains
 * is known exactly: `2 d (e H)_i + d^2 H_ii`. Gives the error that is left.
 */
export function descend(row: RoundedRow, grid: Grid, moments: Float64Array, gradient: Float64Array): number {
  let error = errorOf(row, moments, gradient);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const gained = sweepOnce(row, grid, moments, gradient, LEAST_GAIN * error);
    error -= gained;
    if (gained === 0) break;
  }
  return error;
}

function sweepOnce(row: RoundedRow, grid: Grid, moments: Float64Array, gradient: Float64Array, least: number): number {
  const n = row.target.length;
  let gained = 0;
  for (let column = 0; column < n; column++) {
    if (row.fixed?.[column] === 1) continue;
    // Only a step against the gradient can gain.
    const slope = gradient[column] ?? 0;
    const level = (row.levels[column] ?? 0) + (slope > 0 ? -1 : 1);
    if (slope === 0 || level < grid.lowest || level > grid.highest) continue;
    const value = grid.value(row.scales[column] ?? 0, level);
    const step = value - (row.values[column] ?? 0);
    const gain = -step * (2 * slope + step * (moments[column * n + column] ?? 0));
    if (gain <= least) continue;
    row.levels[column] = level;
    row.values[column] = value;
    addScaled(gradient, moments, column * n, step);
    gained += gain;
  }
  return gained;
}

function addScaled(into: Float64Array, matrix: Float64Array, start: number, factor: number): void {
  for (let k = 0; k < into.length; k++) into[k] = (into[k] ?? 0) + factor * (matrix[start + k] ?? 0);
}
