import type { Range } from '../range';
import { HistogramSums } from './histogram-sums';
import type { HistogramMethod } from './method';

/** Ranges that are tried at each end: 1, 0.99, … of the whole. */
const STEPS = 100;

/** Both ends are improved in turn; what is left to win after this many rounds is lost in the bins. */
const ROUNDS = 3;

/**
 * The range at which rounding to the codes changes numbers least, in squares: narrower steps against clipped ends. Each
 * end is cut in turn to the best of a hundred shares of itself, the other held. A bin's numbers count as its middle;
 * where codes are finer than bins, rounding inside the range costs `scale^2 / 12` a number.
 */
export const meanSquaredError: HistogramMethod = {
  observes: 'histogram',
  choose(histogram, { highestCode }) {
    const sums = new HistogramSums(histogram);
    let best = histogram.range;
    let least = squaredError(sums, best, highestCode);
    for (let round = 0; round < ROUNDS; round++) {
      const before = least;
      for (const end of ['min', 'max'] as const) {
        for (let step = 1; step < STEPS; step++) {
          const tried: Range = { ...best, [end]: (histogram.range[end] * step) / STEPS };
          const error = squaredError(sums, tried, highestCode);
          if (error < least) [best, least] = [tried, error];
        }
      }
      if (least === before) break;
    }
    return best;
  },
};

/** Sum of `(x - rounded x)^2` over all numbers; the range is widened to hold zero, as codes are. */
function squaredError(sums: HistogramSums, range: Range, highestCode: number): number {
  const low = Math.min(range.min, 0);
  const high = Math.max(range.max, 0);
  const scale = (high - low) / highestCode;
  if (scale === 0) return sums.squaresAbout(0, sums.from, sums.to);
  return scale < sums.width
    ? errorOfFineSteps(sums, low, high, scale)
    : errorOfSteps(sums, Math.round(-low / scale), scale, highestCode);
}

/** Numbers between two neighbouring codes' middles become the code. */
function errorOfSteps(sums: HistogramSums, zeroPoint: number, scale: number, highestCode: number): number {
  let sum = 0;
  let from = sums.from;
  for (let code = 0; code <= highestCode && from < sums.to; code++) {
    const value = (code - zeroPoint) * scale;
    const to = code === highestCode ? sums.to : sums.binFrom(value + scale / 2);
    sum += sums.squaresAbout(value, from, to);
    from = to;
  }
  return sum;
}

function errorOfFineSteps(sums: HistogramSums, low: number, high: number, scale: number): number {
  const from = sums.binFrom(low);
  const to = Math.max(from, sums.binFrom(high));
  const below = sums.squaresAbout(low, sums.from, from);
  return below + (sums.numbers(from, to) * scale * scale) / 12 + sums.squaresAbout(high, to, sums.to);
}
