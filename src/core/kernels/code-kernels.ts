import type { KernelExports } from './exports';
import type { Span } from './kernels';
import type { ScaleLayout } from './scale-layout';
import { eachPart } from './walk';

/** Scales at addresses: element `first` of the layout's is the one that lies there. */
export interface ScaleAddresses {
  readonly first: number;
  /** Float32. */
  readonly scales: number;
  /** Int32. */
  readonly zeroPoints: number;
}

/** Codes from `low` to `high`. */
export interface CodeRange {
  readonly low: number;
  readonly high: number;
}

/** Which values count: those below zero, those above, or all without their sign. */
export type Side = 'low' | 'high' | 'both';

/** How a float32's bits become a number that is larger the further out the value lies. */
const SIDES: Record<Side, { mask: number; flip: number }> = {
  low: { mask: -1, flip: -(2 ** 31) },
  high: { mask: -1, flip: 0 },
  both: { mask: 2 ** 31 - 1, flip: 0 },
};

/** Kernels over integer codes, one byte each, and their packed form. */
export class CodeKernels {
  constructor(private readonly exports: KernelExports) {}

  /** Widens [lows, highs] (float32, one a scale from the layout's scale `first` on) to finite values. */
  extremes(span: Span, layout: ScaleLayout, first: number, lows: number, highs: number): void {
    eachPart(this.exports, span, layout, first, 4, (input) => {
      this.exports.extremes(input, lows, highs);
    });
  }

  /** Raises `peaks` (float32, one a scale from the layout's scale `first` on) to the largest finite magnitude. */
  peaks(span: Span, layout: ScaleLayout, first: number, peaks: number): void {
    eachPart(this.exports, span, layout, first, 4, (input) => {
      this.exports.peaks(input, peaks);
    });
  }

  /**
   * Keeps the `size` largest finite values of each scale, of one side of zero or by magnitude, in heaps of float32 that
   * begin as zeros; the first of a heap is the least. `low` gives negative values without their sign.
   */
  largest(span: Span, layout: ScaleLayout, first: number, side: Side, size: number, heaps: number): void {
    const { mask, flip } = SIDES[side];
    eachPart(this.exports, span, layout, first, 4, (input) => {
      this.exports.largest(input, mask, flip, size, heaps);
    });
  }

  /**
   * Float32 to codes: `clip(round(value / scale) + zeroPoint, low, high)`, halves to even, NaN as 0, infinities to the
   * ends. No scale is zero. Output is one byte an element, and may lie where the input does.
   */
  quantize(span: Span, layout: ScaleLayout, at: ScaleAddresses, range: CodeRange, output: number): void {
    eachPart(this.exports, span, layout, at.first, 4, (input, done) => {
      this.exports.quantize(input, at.scales, at.zeroPoints, range.low, range.high, output + done);
    });
  }

  /** Adds squared errors that `quantize` would make of finite values to `sums`: float64, one a scale. */
  quantizationLoss(span: Span, layout: ScaleLayout, at: ScaleAddresses, range: CodeRange, sums: number): void {
    eachPart(this.exports, span, layout, at.first, 4, (input) => {
      this.exports.quantizationLoss(input, at.scales, at.zeroPoints, range.low, range.high, sums);
    });
  }

  /** One byte a code to float32: `(code - zeroPoint) * scale`. */
  dequantize(span: Span, layout: ScaleLayout, at: ScaleAddresses, signed: boolean, output: number): void {
    eachPart(this.exports, span, layout, at.first, 1, (input, done) => {
      this.exports.dequantize(input, at.scales, at.zeroPoints, signed ? 1 : 0, output + done * 4);
    });
  }

  /** Packs the low bits of one byte a code, 1 to 7 bits, low bits first. `output` may be `input`. */
  pack(input: number, count: number, bits: number, output: number): void {
    this.exports.pack(input, count, bits, output);
  }

  /** One byte a code, its sign extended where `signed`. Input and output do not overlap. */
  unpack(input: number, count: number, bits: number, signed: boolean, output: number): void {
    this.exports.unpack(input, count, bits, signed ? 1 : 0, output);
  }
}
