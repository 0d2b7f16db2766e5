import type { KernelExports } from './exports';

/** Bits of a magnitude, in two parts: 16 upper ones and 15 lower ones. */
export const UPPER_MAGNITUDES = 2 ** 16;
export const LOWER_MAGNITUDES = 2 ** 15;

/** Kernels that tell zeros from what is not. NaN counts as zero. */
export class SparseKernels {
  constructor(private readonly exports: KernelExports) {}

  /** Counts float32 by the upper 16 bits of their magnitude, into UPPER_MAGNITUDES uint32. */
  tallyMagnitudes(input: number, count: number, table: number): void {
    this.exports.tallyMagnitudes(input, count, table);
  }

  /** Counts those with these upper bits by the lower ones, into LOWER_MAGNITUDES uint32. */
  tallyWithin(input: number, count: number, upper: number, table: number): void {
    this.exports.tallyWithin(input, count, upper, table);
  }

  /**
   * Makes values zero, in place, whose magnitude bits are below `threshold`, and the first `ties` with just these.
   * Returns how many such ties went.
   */
  prune(input: number, count: number, threshold: number, ties: number): number {
    return this.exports.prune(input, count, threshold, ties);
  }

  /** One bit a float32, 1 where it is not zero, low bits first. `output` may be `input`. */
  maskBits(input: number, count: number, output: number): void {
    this.exports.maskBits(input, count, output);
  }

  /** Moves what is not zero together. `output` may be `input`. Returns how many there are. */
  compact(input: number, count: number, output: number): number {
    return this.exports.compact(input, count, output);
  }

  /** Float32 values where the mask has a 1, zeros elsewhere. */
  expand(mask: number, count: number, values: number, output: number): void {
    this.exports.expand(mask, count, values, output);
  }
}
