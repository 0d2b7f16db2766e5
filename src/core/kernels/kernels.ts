import { Arena, type Region } from './arena';
import { BinKernels } from './bin-kernels';
import { positionOf, type ChannelLayout } from './channels';
import { CodeKernels } from './code-kernels';
import type { KernelExports } from './exports';
import { PaletteKernels } from './palette-kernels';
import { SparseKernels } from './sparse-kernels';

export const HISTOGRAM_TABLE_BYTES = 4 * 65 * 4;
const HISTOGRAM_BINS = 64;
/** The module keeps no data of its own; address 0 stays free so that no region has it. */
const ARENA_START = 1024;
/** Float64 fields that `statistics` and `noise` write, at address 64. */
const RESULT_ADDRESS = 64;
const RESULT_FIELDS = 10;
/** Counts cross as int32: longer runs are passed in pieces. */
const LARGEST_RUN = 2 ** 30;

/** Figures of one chunk. Sums are of finite values; `min` and `max` mean nothing when none is. */
export interface ChunkStatistics {
  readonly finite: number;
  readonly zeros: number;
  readonly nan: number;
  readonly infinite: number;
  readonly min: number;
  readonly max: number;
  /** Sum of (value - pivot). */
  readonly sum: number;
  /** Sum of (value - pivot)^2. */
  readonly squares: number;
  readonly absolutes: number;
  /** A finite value of the chunk, so that squares lose no digits. */
  readonly pivot: number;
}

/** Consecutive elements of a tensor in the kernels' memory: `count` from its element `first` on. */
export interface Span {
  readonly address: number;
  readonly first: number;
  readonly count: number;
}

/**
 * The SIMD kernels over one memory. All take chunks: addresses are byte offsets of any alignment, counts are elements.
 * Calls are synchronous.
 */
export class Kernels {
  /** Integer codes, packed or one a byte. */
  readonly codes: CodeKernels;
  /** Codes into tables, and what values there are to make tables from. */
  readonly palettes: PaletteKernels;
  /** Zeros, and what is not. */
  readonly sparse: SparseKernels;
  /** Counts in bins around zero. */
  readonly bins: BinKernels;
  private readonly arena: Arena;
  private readonly result: Float64Array;

  constructor(
    private readonly exports: KernelExports,
    private readonly memory: ArrayBuffer,
  ) {
    this.codes = new CodeKernels(exports);
    this.palettes = new PaletteKernels(exports);
    this.sparse = new SparseKernels(exports);
    this.bins = new BinKernels(exports, memory);
    this.arena = new Arena(memory, ARENA_START);
    this.result = new Float64Array(memory, RESULT_ADDRESS, RESULT_FIELDS);
  }

  /** Reserves memory; what it holds is left over from before. @throws EdgewiseError `limit` when there is no room. */
  take(byteLength: number): Region {
    return this.arena.take(byteLength);
  }

  give(region: Region): void {
    this.arena.give(region);
  }

  /** The bytes at an address, not copied. */
  view(address: number, byteLength: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory, address, byteLength);
  }

  /** Numbers copied into memory of their own; `give` it back. */
  put(numbers: Float32Array | Int32Array): Region {
    const region = this.take(numbers.byteLength);
    region.bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    return region;
  }

  /** Float32 at an address that is a multiple of 4, not copied. */
  floats(address: number, count: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory, address, count);
  }

  statistics(input: number, count: number): ChunkStatistics {
    this.exports.statistics(input, count, RESULT_ADDRESS);
    const field = (index: number): number => this.result[index] ?? 0;
    return {
      finite: field(0),
      zeros: field(1),
      nan: field(2),
      infinite: field(3),
      min: field(4),
      max: field(5),
      sum: field(6),
      squares: field(7),
      absolutes: field(8),
      pivot: field(9),
    };
  }

  /**
   * Counts finite values into 64 bins over [min, max] and adds them to `counts`. `tables` has HISTOGRAM_TABLE_BYTES.
   * A bin is `floor((value - min) * 64 / (max - min))` in float64, the last one closed.
   */
  histogram(input: number, count: number, min: number, max: number, tables: Region, counts: Float64Array): void {
    tables.bytes.fill(0, 0, HISTOGRAM_TABLE_BYTES);
    const factor = max > min ? HISTOGRAM_BINS / (max - min) : 0;
    this.exports.histogram(input, count, min, factor, tables.address);
    const lanes = new Uint32Array(tables.bytes.buffer, tables.address, HISTOGRAM_TABLE_BYTES / 4);
    for (let lane = 0; lane < 4; lane++) {
      for (let bin = 0; bin < HISTOGRAM_BINS; bin++) {
        counts[bin] = (counts[bin] ?? 0) + (lanes[lane * (HISTOGRAM_BINS + 1) + bin] ?? 0);
      }
    }
  }

  /** How many values of a chunk are NaN or infinite. */
  countNonFinite(input: number, count: number): number {
    return this.exports.countNonFinite(input, count);
  }

  /** Adds squares of finite values to `sums`: float64, one a channel. */
  energy(span: Span, layout: ChannelLayout, sums: number): void {
    const { columnEnergy, channelEnergy } = this.exports;
    eachRun(span, layout, (input, count, channel, offset, inner) => {
      if (inner === 1) columnEnergy(input, count, layout.channels, channel, sums);
      else channelEnergy(input, count, layout.channels, inner, channel, offset, sums);
    });
  }

  /** Float32 to float16, to nearest even; finite values beyond 65504 become it. Returns how many did. */
  halve(input: number, count: number, output: number): number {
    return this.exports.halve(input, count, output);
  }

  widenFloat16(input: number, count: number, output: number): void {
    this.exports.widenFloat16(input, count, output);
  }

  widenBfloat16(input: number, count: number, output: number): void {
    this.exports.widenBfloat16(input, count, output);
  }

  /** Float32 to bfloat16, to nearest even; finite values beyond its largest one become it. Returns how many did. */
  narrowBfloat16(input: number, count: number, output: number): number {
    return this.exports.narrowBfloat16(input, count, output);
  }

  /** Sum of w^2 and of (w - w')^2 over pairs of finite values, in float64. */
  noise(original: number, changed: number, count: number): { signal: number; noise: number } {
    this.exports.noise(original, changed, count, RESULT_ADDRESS);
    return { signal: this.result[0] ?? 0, noise: this.result[1] ?? 0 };
  }
}

type RunCall = (input: number, count: number, channel: number, offset: number, inner: number) => void;

/** Calls once for a whole chunk, or, where one channel's run is too long for int32, once for each part of a run. */
function eachRun(span: Span, layout: ChannelLayout, call: RunCall): void {
  let done = 0;
  while (done < span.count) {
    const { channel, offset } = positionOf(layout, span.first + done);
    const left = layout.inner - offset;
    const whole = layout.inner <= LARGEST_RUN;
    const count = whole ? span.count - done : Math.min(span.count - done, left);
    const input = span.address + done * 4;
    if (whole) call(input, count, channel, offset, layout.inner);
    else call(input, count, channel, 0, Math.max(2, count));
    done += count;
  }
}
