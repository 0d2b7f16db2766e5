import { rowStart, type RoundingProblem } from './problem';
import type { Importance } from './weighted-scales';

/**
 * Where a weight is to be zero (1): the share `sparsity` of its elements, by what each alone does to the outputs,
 * `w^2 H_ii` (Sun and others, A simple and effective pruning approach for large language models, 2023), or by what it is
 * alone, `w^2`, as encoding a weight does. The exact count that the encoding leaves out, so that it takes these. Null
 * where none is.
 */
export function zerosOf(problem: RoundingProblem, sparsity: number, counted: Importance): Uint8Array | null {
  const { target } = problem;
  const count = Math.round(sparsity * target.length);
  if (count === 0) return null;
  const damages = damagesOf(problem, counted);
  const threshold = damages.slice().sort()[count - 1] ?? Infinity;
  const zeros = new Uint8Array(target.length);
  let left = count;
  const take = (chosen: (damage: number) => boolean): void => {
    damages.forEach((damage, element) => {
      if (left === 0 || !chosen(damage)) return;
      zeros[element] = 1;
      left--;
    });
  };
  take((damage) => damage < threshold);
  take((damage) => damage === threshold);
  return zeros;
}

function damagesOf({ matrix, moments, target }: RoundingProblem, counted: Importance): Float64Array {
  const { groups, rows, columns, columnStride } = matrix;
  const damages = Float64Array.from(target, (weight) => weight * weight);
  if (counted === 'equal') return damages;
  for (let group = 0; group < groups; group++) {
    for (let row = 0; row < rows; row++) {
      const start = rowStart(matrix, group, row);
      for (let column = 0; column < columns; column++) {
        const element = start + column * columnStride;
        damages[element] = (damages[element] ?? 0) * (moments[group]?.[column * (columns + 1)] ?? 0);
      }
    }
  }
  return damages;
}
