import type { ScaleLayout } from '../../../kernels/scale-layout';
import { scalesOfRanges, type CodeFormat } from '../../encodings/affine-scales';
import type { AffineScales } from '../../encodings/encoded-tensor';
import { AffineGrid, scaleOf } from './grid';
import { rowStart, type RoundingProblem } from './problem';

/** Ranges that are tried for each scale, from the whole one down to `LEAST_SHARE` of it. */
const TRIALS = 33;
const LEAST_SHARE = 0.2;

/** Calls for each weight, with its element, its scale and how much an error of it counts (the diagonal of H). */
export function eachWeight(
  { matrix, moments }: RoundingProblem,
  layout: ScaleLayout,
  take: (element: number, scale: number, importance: number) => void,
): void {
  const { groups, rows, columns, columnStride } = matrix;
  for (let group = 0; group < groups; group++) {
    for (let row = 0; row < rows; row++) {
      const start = rowStart(matrix, group, row);
      for (let column = 0; column < columns; column++) {
        const element = start + column * columnStride;
        take(element, scaleOf(layout, element), moments[group]?.[column * (columns + 1)] ?? 0);
      }
    }
  }
}

/** What an error of a weight counts for: H's diagonal, or the same for all, as where scales are chosen without inputs. */
export type Importance = 'moments' | 'equal';

/**
 * Of some ranges, for each scale the one whose rounding to nearest has the least squared error, weighted by importance.
 * @param among `whole`: the whole ranges only; `zeros`: for each weight, 1 where no scale is asked
 */
export function weightedScales(
  problem: RoundingProblem,
  layout: ScaleLayout,
  format: CodeFormat,
  counted: Importance,
  { whole = false, zeros = null }: { whole?: boolean; zeros?: Uint8Array | null } = {},
): AffineScales {
  const lows = new Float64Array(layout.scales);
  const highs = new Float64Array(layout.scales);
  eachWeight(problem, layout, (element, scale) => {
    if (zeros?.[element] === 1) return;
    const value = problem.target[element] ?? 0;
    if (value < (lows[scale] ?? 0)) lows[scale] = value;
    if (value > (highs[scale] ?? 0)) highs[scale] = value;
  });
  const trials = Array.from({ length: whole ? 1 : TRIALS }, (_, trial) => {
    const share = 1 - ((1 - LEAST_SHARE) * trial) / (TRIALS - 1);
    const grid = new AffineGrid(layout, format, rangeScales(lows, highs, share, format));
    return { grid, errors: new Float64Array(layout.scales) };
  });
  eachWeight(problem, layout, (element, scale, importance) => {
    if (zeros?.[element] === 1) return;
    const value = problem.target[element] ?? 0;
    for (const { grid, errors } of trials) {
      const error = grid.value(scale, grid.nearest(scale, value)) - value;
      errors[scale] = (errors[scale] ?? 0) + (counted === 'equal' ? 1 : importance) * error * error;
    }
  });
  return bestOf(trials, layout.scales, format.symmetric);
}

function rangeScales(lows: Float64Array, highs: Float64Array, share: number, format: CodeFormat): AffineScales {
  const part = (ends: Float64Array): Float32Array => Float32Array.from(ends, (end) => end * share);
  if (!format.symmetric) return scalesOfRanges({ lows: part(lows), highs: part(highs) }, format);
  return scalesOfRanges(
    { lows: null, highs: part(lows.map((low, scale) => Math.max(-low, highs[scale] ?? 0))) },
    format,
  );
}

function bestOf(
  trials: readonly { grid: AffineGrid; errors: Float64Array }[],
  scales: number,
  symmetric: boolean,
): AffineScales {
  const scale = new Float32Array(scales);
  const zeroPoint = symmetric ? null : new Int32Array(scales);
  for (let index = 0; index < scales; index++) {
    let least = Infinity;
    for (const { grid, errors } of trials) {
      const error = errors[index] ?? 0;
      if (error >= least) continue;
      least = error;
      scale[index] = grid.scales.scale[index] ?? 1;
      if (zeroPoint !== null) zeroPoint[index] = grid.scales.zeroPoint?.[index] ?? 0;
    }
    if (least === Infinity) scale[index] = 1;
  }
  return { scale, zeroPoint };
}
