import { wilsonInterval } from './interval';
import { studentPValue, studentQuantile } from './student';

/** A figure of a sample of all that could be, and its 95 % interval. */
export interface Estimate {
  /** Null where there was nothing to estimate from. */
  readonly value: number | null;
  /** Null where no interval is known: fewer than two samples, or a figure without per-sample parts. */
  readonly interval: [number, number] | null;
}

const NOTHING: Estimate = { value: null, interval: null };
const OUTSIDE = 0.05;

/** The share of samples that are right, from their 1 and 0, with Wilson's interval. */
export function shareOf(right: Float64Array): Estimate {
  if (right.length === 0) return NOTHING;
  const count = right.reduce((sum, one) => sum + one, 0);
  return { value: count / right.length, interval: wilsonInterval(count, right.length) };
}

/** The mean of one figure a sample, with Student's interval. */
export function meanOf(figures: Float64Array): Estimate {
  if (figures.length === 0) return NOTHING;
  const mean = average(figures);
  if (figures.length < 2) return { value: mean, interval: null };
  const half = studentQuantile(OUTSIDE, figures.length - 1) * standardError(figures, mean);
  return { value: mean, interval: [mean - half, mean + half] };
}

/**
 * The ratio of two sums over samples (errors by characters, bits by tokens), with the interval of its linearization
 * (Cochran, Sampling Techniques, 1977, section 6.4).
 */
export function ratioOf(above: Float64Array, below: Float64Array): Estimate {
  const divisor = average(below);
  if (above.length === 0 || divisor === 0) return NOTHING;
  const ratio = average(above) / divisor;
  if (above.length < 2) return { value: ratio, interval: null };
  const residuals = above.map((figure, index) => figure - ratio * (below[index] ?? 0));
  const half = (studentQuantile(OUTSIDE, above.length - 1) * standardError(residuals, 0)) / divisor;
  return { value: ratio, interval: [ratio - half, ratio + half] };
}

/** What two models' figures on the same samples say about their difference, after - before. */
export interface PairedMeans {
  readonly change: number;
  readonly interval: [number, number] | null;
  /** Of the two-sided paired t-test; 1 where no sample changed. Null for fewer than two samples. */
  readonly pValue: number | null;
}

/** Student's paired test of one figure a sample. */
export function comparePairedMeans(before: Float64Array, after: Float64Array): PairedMeans {
  const differences = after.map((figure, index) => figure - (before[index] ?? 0));
  const { value, interval } = meanOf(differences);
  const change = value ?? 0;
  if (differences.length < 2) return { change, interval: null, pValue: null };
  const error = standardError(differences, change);
  if (error === 0) return { change, interval, pValue: change === 0 ? 1 : 0 };
  return { change, interval, pValue: studentPValue(change / error, differences.length - 1) };
}

function average(figures: Float64Array): number {
  return figures.reduce((sum, figure) => sum + figure, 0) / Math.max(1, figures.length);
}

/** Of a mean of `figures`, which lie around `centre`. */
function standardError(figures: Float64Array, centre: number): number {
  const squares = figures.reduce((sum, figure) => sum + (figure - centre) ** 2, 0);
  return Math.sqrt(squares / (figures.length - 1) / figures.length);
}
