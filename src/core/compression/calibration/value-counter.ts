import type { Kernels, Region } from '../../kernels';
import { BIN_COUNTS_BYTES, BIN_TABLES_BYTES, binOf } from '../../kernels/bin-kernels';
import type { Counting } from './histogram';
import { EMPTY_RANGE, union, type Range } from './range';

const FLOAT32_BYTES = 4;

/** Values that lie in the kernels' memory at once: they stay in the processor's cache while they are gone through. */
const CHUNK = 32_768;

/** Counts values with the SIMD kernels, chunk by chunk; used by one call at a time. */
export class ValueCounter implements Counting {
  private readonly chunk: Region;
  private readonly tables: Region;
  private readonly sums: Region;
  /** Values of the chunk that lies there. */
  private length = 0;

  constructor(private readonly kernels: Kernels) {
    this.chunk = kernels.take(CHUNK * FLOAT32_BYTES);
    this.tables = kernels.take(BIN_TABLES_BYTES);
    this.sums = kernels.take(BIN_COUNTS_BYTES);
    this.tables.bytes.fill(0);
  }

  eachChunk(values: Float32Array, call: (extremes: Range) => void): void {
    const { address } = this.chunk;
    for (let start = 0; start < values.length; start += CHUNK) {
      const part = values.subarray(start, start + CHUNK);
      this.kernels.floats(address, part.length).set(part);
      this.length = part.length;
      const { min, max, nonFinite } = this.kernels.bins.range(address, part.length);
      call(nonFinite === 0 ? { min, max } : plainRange(part));
    }
  }

  count(width: number): void {
    this.kernels.bins.count(this.chunk.address, this.length, width, this.tables.address);
  }

  take(extremes: Range, width: number, counts: Float64Array): void {
    const from = binOf(extremes.min, width);
    const to = binOf(extremes.max, width) + 1;
    const sums = this.kernels.bins.take(this.tables.address, from, to, this.sums.address);
    for (let at = 0; at < sums.length; at++) counts[from + at] = (counts[from + at] ?? 0) + (sums[at] ?? 0);
  }
}

/** NaN where a value is. */
function plainRange(values: Float32Array): Range {
  return values.reduce<Range>((range, value) => union(range, { min: value, max: value }), EMPTY_RANGE);
}
