import { partLayout } from '../../../kernels/scale-layout';
import { kMeans } from '../../encodings/k-means';
import type { PaletteScheme } from '../../encodings/scheme';
import type { WeightedPoints } from '../../encodings/weighted-points';
import { PaletteGrid } from './grid';
import type { RoundingProblem } from './problem';
import { eachWeight, type Importance } from './weighted-scales';

/**
 * Tables with the least squared error, weighted by importance.
 * @param zeros for each weight, 1 where no table is asked
 */
export function weightedPalettes(
  problem: RoundingProblem,
  shape: readonly number[],
  { bits, axis, groups }: PaletteScheme,
  counted: Importance,
  zeros: Uint8Array | null = null,
): PaletteGrid {
  const layout = partLayout(shape, axis, groups);
  const each = problem.target.length / Math.max(1, layout.scales);
  const values = Array.from({ length: layout.scales }, () => new Float64Array(each));
  const weights = Array.from({ length: layout.scales }, () => new Float64Array(each));
  const filled = new Int32Array(layout.scales);
  eachWeight(problem, layout, (element, scale, importance) => {
    if (zeros?.[element] === 1) return;
    const at = filled[scale] ?? 0;
    filled[scale] = at + 1;
    const points = values[scale];
    const counts = weights[scale];
    if (points === undefined || counts === undefined) return;
    points[at] = problem.target[element] ?? 0;
    counts[at] = counted === 'equal' ? 1 : importance;
  });
  const entries = 2 ** bits;
  const tables = values.map((numbers, scale) => {
    const counts = weights[scale] ?? new Float64Array(numbers.length);
    return kMeans(sortedPoints(numbers.subarray(0, filled[scale]), counts), entries).map(Math.fround);
  });
  return new PaletteGrid(layout, tables, entries);
}

/** Distinct finite values ascending, the weights of equal ones added up. */
function sortedPoints(numbers: Float64Array, counts: Float64Array): WeightedPoints {
  const order = Int32Array.from(numbers.keys()).sort((a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0));
  const values = new Float64Array(numbers.length);
  const weights = new Float64Array(numbers.length);
  let points = 0;
  for (const at of order) {
    const value = numbers[at] ?? 0;
    const weight = counts[at] ?? 0;
    if (!Number.isFinite(value) || weight <= 0) continue;
    if (points === 0 || values[points - 1] !== value) values[points++] = value;
    weights[points - 1] = (weights[points - 1] ?? 0) + weight;
  }
  return { values: values.subarray(0, points), weights: weights.subarray(0, points) };
}
