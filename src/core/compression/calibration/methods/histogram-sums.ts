import type { ValueHistogram } from '../histogram';

/** Sums over any bins of a histogram in two look-ups; a bin's numbers count as its middle. */
export class HistogramSums {
  /** The first bin that holds something, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly width: number;
  /** Middle of bin `from`. */
  private readonly first: number;
  /** Numbers, their sum and their squares, in units of a width from zero, in the bins before each one. */
  private readonly counts: Float64Array;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;

  constructor(histogram: ValueHistogram) {
    const { from, to } = histogram.used;
    this.from = from;
    this.to = to;
    this.width = histogram.width;
    this.first = histogram.edge(from) + histogram.width / 2;
    this.counts = new Float64Array(to - from + 1);
    this.sums = new Float64Array(to - from + 1);
    this.squares = new Float64Array(to - from + 1);
    for (let at = 0; at < to - from; at++) {
      const count = histogram.counts[from + at] ?? 0;
      const middle = this.first / this.width + at;
      this.counts[at + 1] = (this.counts[at] ?? 0) + count;
      this.sums[at + 1] = (this.sums[at] ?? 0) + count * middle;
      this.squares[at + 1] = (this.squares[at] ?? 0) + count * middle * middle;
    }
  }

  /** The first bin whose middle is `value` or more, within `from` to `to`. */
  binFrom(value: number): number {
    const bin = this.from + Math.ceil((value - this.first) / this.width);
    return Math.min(this.to, Math.max(this.from, bin));
  }

  /** How many numbers bins `from` to `to - 1` hold. */
  numbers(from: number, to: number): number {
    return between(this.counts, from - this.from, to - this.from);
  }

  /** Sum of `(x - value)^2` over bins `from` to `to - 1`. */
  squaresAbout(value: number, from: number, to: number): number {
    const [start, end] = [from - this.from, to - this.from];
    const at = value / this.width;
    const squares = between(this.squares, start, end) - 2 * at * between(this.sums, start, end);
    return Math.max(0, squares + at * at * between(this.counts, start, end)) * this.width ** 2;
  }
}

function between(sums: Float64Array, from: number, to: number): number {
  return (sums[to] ?? 0) - (sums[from] ?? 0);
}
