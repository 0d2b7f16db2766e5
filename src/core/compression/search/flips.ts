/** An answer that encoding may change. */
export interface Flip {
  /** The likeliest class, and the next. */
  readonly first: number;
  readonly second: number;
  /** That they change places, 0 to 1. */
  readonly chance: number;
}

/** Share of the samples, those with the least margins, that tell how far encoding moves margins: larger ones move more. */
const DOUBTFUL = 0.25;

/**
 * How likely each sample's answer changes: its margin between the two likeliest classes against how far encoding moves
 * the margins of doubtful samples, as if by a normal distribution. Where few samples have few changes, or none, it
 * tells what these are a sample of.
 * @param original log-probabilities, `[samples, classes]`
 * @param changed those of the encoded model
 */
export function flipsOf(original: Float64Array, changed: Float64Array, classes: number): Flip[] {
  const pairs = Array.from({ length: original.length / classes }, (_, sample) => marginOf(original, sample, classes));
  const shifts = pairs.map(({ first, second, margin }, sample) => {
    const start = sample * classes;
    return (changed[start + first] ?? NaN) - (changed[start + second] ?? NaN) - margin;
  });
  const order = [...pairs.keys()].sort((a, b) => (pairs[a]?.margin ?? 0) - (pairs[b]?.margin ?? 0));
  const doubtful = order.slice(0, Math.ceil(DOUBTFUL * order.length));
  const squares = doubtful.reduce((sum, sample) => sum + (shifts[sample] ?? 0) ** 2, 0);
  const spread = Math.sqrt(squares / Math.max(1, doubtful.length));
  return pairs.map(({ first, second, margin }) => ({ first, second, chance: chanceOf(margin, spread) }));
}

function marginOf(
  logs: Float64Array,
  sample: number,
  classes: number,
): { first: number; second: number; margin: number } {
  const start = sample * classes;
  let [first, second] = [0, 0];
  let [highest, next] = [-Infinity, -Infinity];
  for (let index = 0; index < classes; index++) {
    const log = logs[start + index] ?? -Infinity;
    if (log > highest) [first, highest, second, next] = [index, log, first, highest];
    else if (log > next) [second, next] = [index, log];
  }
  return { first, second, margin: highest - next };
}

/** That a normal number of this spread is above a margin; certain where outputs are no numbers. */
function chanceOf(margin: number, spread: number): number {
  if (spread === 0) return 0;
  return Number.isNaN(spread) ? 1 : upperTail(margin / spread);
}

/** Of the normal distribution, at 0 and above (Abramowitz and Stegun, 26.2.17): within 1e-7. */
function upperTail(at: number): number {
  const t = 1 / (1 + 0.2316419 * at);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-at * at) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
