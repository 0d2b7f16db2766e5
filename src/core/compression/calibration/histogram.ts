import { EMPTY_RANGE, union, type Range } from './range';

/** Bins on each side of zero; between half and all of them are in use on the wider side. */
export const BINS_PER_SIDE = 4096;

const BINS = 2 * BINS_PER_SIDE;
const BINS_LOG2 = Math.log2(BINS_PER_SIDE);

const TABLES = 4;

/** Used by one call at a time. A batch has fewer values than a counter holds. */
const tables = new Uint32Array(TABLES * BINS);

/** With fewer values, adding the tables up would take longer than what they save. */
const WORTH_TABLES = tables.length;

/** A shift by more moves every bin beside zero anyway. */
const LARGEST_SHIFT = 31;

/**
 * Counts of values in bins of equal width that meet at zero. The width is the smallest power of two at which all values
 * seen fit into the bins: when a wider value comes, neighbours are merged, exactly. So memory never grows, one pass is
 * enough, and the counts depend on the values alone, not on their order, the batches, or an interruption.
 */
export class ValueHistogram {
  /** Of bin `i` from `(i - BINS_PER_SIDE) * width` on. Whole numbers, exact up to 2^53. */
  counts = new Float64Array(BINS);
  /** Smallest and largest of the values, exactly; NaN once a NaN was among them. */
  range: Range = EMPTY_RANGE;
  /** The width of a bin is 2 to this power; null while only zeros came. */
  exponent: number | null = null;

  /** Counts values whose smallest and largest are `extremes`. Values that are not finite spoil the range and stop it. */
  add(values: Float32Array, extremes: Range): void {
    this.range = union(this.range, extremes);
    const magnitude = Math.max(-this.range.min, this.range.max);
    if (!Number.isFinite(magnitude)) return;
    this.widen(magnitude);
    if (values.length < WORTH_TABLES) countFew(values, 1 / this.width, this.counts);
    else countMany(values, 1 / this.width, this.counts);
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

  private widen(magnitude: number): void {
    if (magnitude === 0) return;
    let exponent = Math.floor(Math.log2(magnitude)) + 1 - BINS_LOG2;
    // log2 rounds.
    while (magnitude >= BINS_PER_SIDE * 2 ** exponent) exponent += 1;
    if (this.exponent !== null && exponent <= this.exponent) return;
    if (this.exponent !== null) this.counts = merged(this.counts, Math.min(exponent - this.exponent, LARGEST_SHIFT));
    this.exponent = exponent;
  }
}

function countFew(values: Float32Array, perWidth: number, counts: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const bin = ((values[i] ?? 0) * perWidth + BINS_PER_SIDE) | 0;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
}

/**
 * Neighbours count in tables of their own: activations are mostly zeros, and a processor that counts into one place
 * again and again waits for each store. Half the time of one table.
 */
function countMany(values: Float32Array, perWidth: number, counts: Float64Array): void {
  tables.fill(0);
  const vectors = values.length & ~(TABLES - 1);
  for (let i = 0; i < vectors; i += TABLES) {
    const a = ((values[i] ?? 0) * perWidth + BINS_PER_SIDE) | 0;
    const b = ((values[i + 1] ?? 0) * perWidth + (BINS_PER_SIDE + BINS)) | 0;
    const c = ((values[i + 2] ?? 0) * perWidth + (BINS_PER_SIDE + 2 * BINS)) | 0;
    const d = ((values[i + 3] ?? 0) * perWidth + (BINS_PER_SIDE + 3 * BINS)) | 0;
    tables[a] = (tables[a] ?? 0) + 1;
    tables[b] = (tables[b] ?? 0) + 1;
    tables[c] = (tables[c] ?? 0) + 1;
    tables[d] = (tables[d] ?? 0) + 1;
  }
  for (let at = 0; at < tables.length; at++) {
    const bin = at & (BINS - 1);
    counts[bin] = (counts[bin] ?? 0) + (tables[at] ?? 0);
  }
  countFew(values.subarray(vectors), perWidth, counts);
}

/** Counts in bins 2^`shift` times as wide. */
function merged(counts: Float64Array, shift: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(BINS);
  counts.forEach((count, bin) => {
    const to = ((bin - BINS_PER_SIDE) >> shift) + BINS_PER_SIDE;
    wider[to] = (wider[to] ?? 0) + count;
  });
  return wider;
}
