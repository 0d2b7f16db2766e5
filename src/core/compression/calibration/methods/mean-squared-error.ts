import type { ValueHistogram } from '../histogram';
import type { Range } from '../range';
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
    let best = histogram.range;
    let least = squaredError(histogram, best, highestCode);
    for (let round = 0; round < ROUNDS; round++) {
      const before = least;
      for (const end of ['min', 'max'] as const) {
        for (let step = 1; step < STEPS; step++) {
          const tried: Range = { ...best, [end]: (histogram.range[end] * step) / STEPS };
          const error = squaredError(histogram, tried, highestCode);
          if (error < least) [best, least] = [tried, error];
        }
      }
      if (least === before) break;
    }
    return best;
  },
};

/** Sum of `(x - rounded x)^2` over all numbers; the range is widened to hold zero, as codes are. */
export function squaredError(histogram: ValueHistogram, range: Range, highestCode: number): number {
  const low = Math.min(range.min, 0);
  const high = Math.max(range.max, 0);
  const scale = (high - low) / highestCode;
  if (scale === 0) return sumOfSquares(histogram);
  const { counts, width } = histogram;
  const { from, to } = histogram.used;
  const finer = scale < width;
  const zeroPoint = Math.round(-low / scale);
  let sum = 0;
  for (let bin = from; bin < to; bin++) {
    const count = counts[bin] ?? 0;
    if (count === 0) continue;
    const value = histogram.edge(bin) + width / 2;
    if (finer) {
      const beyond = Math.max(0, value - high, low - value);
      sum += count * (beyond === 0 ? (scale * scale) / 12 : beyond * beyond);
      continue;
    }
    const code = Math.min(highestCode, Math.max(0, Math.round(value / scale) + zeroPoint));
    const error = value - (code - zeroPoint) * scale;
    sum += count * error * error;
  }
  return sum;
}

function sumOfSquares(histogram: ValueHistogram): number {
  return histogram.counts.reduce((sum, count, bin) => sum + count * histogram.edge(bin) ** 2, 0);
}
