import type { KernelExports } from './exports';

/** Bins on each side of zero. */
export const BINS_PER_SIDE = 4096;

const BINS = 2 * BINS_PER_SIDE;
const COUNTER_BYTES = 4;

/** Bytes of the four tables that `count` counts in: uint32, one table a lane. */
export const BIN_TABLES_BYTES = 4 * BINS * COUNTER_BYTES;

/** Bytes of the counters that `take` writes. */
export const BIN_COUNTS_BYTES = BINS * COUNTER_BYTES;

/** Where `rangeOf` writes two float32, between the results of other kernels and the arena. */
const EXTREMES_ADDRESS = 512;

/** The smallest and the largest finite value of a chunk, which mean nothing when none is. */
export interface ChunkRange {
  readonly min: number;
  readonly max: number;
  /** How many values are NaN or infinite. */
  readonly nonFinite: number;
}

/** The bin of a value, in float32 as the kernels reckon: beside zero, a tiny negative one may count as zero. */
export function binOf(value: number, width: number): number {
  return Math.floor(Math.fround(value / width)) + BINS_PER_SIDE;
}

/** Kernels that count float32 in bins of equal width that meet at zero: bin `i` begins at `(i - 4096) * width`. */
export class BinKernels {
  private readonly extremes: Float32Array;

  constructor(
    private readonly exports: KernelExports,
    private readonly memory: ArrayBuffer,
  ) {
    this.extremes = new Float32Array(memory, EXTREMES_ADDRESS, 2);
  }

  range(input: number, count: number): ChunkRange {
    const nonFinite = this.exports.rangeOf(input, count, this.extremes.byteOffset);
    const [min = 0, max = 0] = this.extremes;
    return { min, max, nonFinite };
  }

  /**
   * Counts values into the tables at an address, which are zeros at first. `width` is a power of two with a float32
   * reciprocal at which all values lie within the bins; they are finite. Fewer than 2^32 go into the tables at once.
   */
  count(input: number, count: number, width: number, tables: number): void {
    this.exports.countBins(input, count, 1 / width, tables);
  }

  /** Takes the counts of bins `from` to `to - 1` out of the tables; `output` is the address of bin 0's. */
  take(tables: number, from: number, to: number, output: number): Uint32Array {
    this.exports.takeBins(tables, from, to, output);
    return new Uint32Array(this.memory, output + from * COUNTER_BYTES, to - from);
  }
}
