import { BINS_PER_SIDE } from '../../kernels/bin-kernels';
import { EMPTY_RANGE, hasBounds, union, type Range } from './range';

export { BINS_PER_SIDE };

const BINS = 2 * BINS_PER_SIDE;
const BINS_LOG2 = Math.log2(BINS_PER_SIDE);

/** A shift by more moves every bin beside zero anyway. */
const LARGEST_SHIFT = 31;

/** The kernels divide by the width in float32, where smaller ones have no reciprocal. */
const LEAST_EXPONENT = -126;

/** Counts values chunk by chunk. */
export interface Counting {
  /** Calls for each chunk with its smallest and largest value; a NaN in it makes both NaN. */
  eachChunk(values: Float32Array, call: (extremes: Range) => void): void;
  /** Counts the values of the chunk that is called for, which lie within bins of a width. */
  count(width: number): void;
  /** Adds what was counted in bins of a width, with its smallest and largest value, to `counts`. */
  take(extremes: Range, width: number, counts: Float64Array): void;
}

/**
 * Counts of values in bins of equal width that meet at zero. The width is the smallest power of two at which all values
 * seen fit into the bins: when a wider value comes, neighbours are merged, exactly. So memory never grows, one pass is
 * enough, and the counts depend on the values alone, not on their order, the batches, or an interruption.
 */
export class ValueHistogram {
  /** Of bin `i` from `(i - BINS_PER_SIDE) * width` on. Whole numbers, exact up to 2^53. */
  readonly counts = new Float64Array(BINS);
  /** Smallest and largest of the values, exactly; NaN once a NaN was among them. */
  range: Range = EMPTY_RANGE;
  /** The width of a bin is 2 to this power; null while only zeros came. */
  exponent: number | null = null;

  /** Counts values. Values that are not finite spoil the range and stop it. */
  add(values: Float32Array, counting: Counting): void {
    let counted = EMPTY_RANGE;
    const take = (): void => {
      if (hasBounds(counted)) counting.take(counted, this.width, this.counts);
      counted = EMPTY_RANGE;
    };
    counting.eachChunk(values, (extremes) => {
      this.range = union(this.range, extremes);
      if (!hasBounds(this.range)) return;
      const exponent = exponentFor(Math.max(-extremes.min, extremes.max));
      if (exponent !== null && exponent > (this.exponent ?? -Infinity)) {
        take();
        this.widen(exponent);
      }
      counting.count(this.width);
      counted = union(counted, extremes);
    });
    take();
  }

  get width(): number {
    return this.exponent === null ? 1 : 2 ** this.exponent;
  }

  /** The first bin that holds something, and the bin after the last one; equal when nothing was counted. */
  get used(): { readonly from: number; readonly to: number } {
    const from = this.counts.findIndex((count) => count > 0);
    if (from < 0) return { from: 0, to: 0 };
    let to = BINS;
    while (this.counts[to - 1] === 0) to -= 1;
    return { from, to };
  }

  /** The value at which a bin begins. */
  edge(bin: number): number {
    return (bin - BINS_PER_SIDE) * this.width;
  }

  private widen(exponent: number): void {
    if (this.exponent !== null) this.merge(Math.min(exponent - this.exponent, LARGEST_SHIFT));
    this.exponent = exponent;
  }

  /** Makes bins 2^`shift` times as wide. */
  private merge(shift: number): void {
    const narrow = this.counts.slice();
    this.counts.fill(0);
    narrow.forEach((count, bin) => {
      const to = ((bin - BINS_PER_SIDE) >> shift) + BINS_PER_SIDE;
      this.counts[to] = (this.counts[to] ?? 0) + count;
    });
  }
}

/** Of the least width at which a magnitude fits into the bins; null where any does. */
function exponentFor(magnitude: number): number | null {
  if (magnitude === 0) return null;
  let exponent = Math.max(LEAST_EXPONENT, Math.floor(Math.log2(magnitude)) + 1 - BINS_LOG2);
  // log2 rounds.
  while (magnitude >= BINS_PER_SIDE * 2 ** exponent) exponent += 1;
  return exponent;
}
