import { EdgewiseError } from '../../errors';
import type { Kernels, Region } from '../../kernels';
import { channelLayout, type ChannelLayout } from '../../kernels/channels';
import type { Span } from '../../kernels/kernels';
import { elementsOf } from '../../model/model';
import type { AffineScales, AffineTensor } from './encoded-tensor';
import { isCodeBits, packCodes, packedLength, unpackCodes, type CodeBits } from './packing';
import type { ChunkDecoder, RealValues } from './real-values';

/** Below the smallest normal float32 a scale has lost its digits; such a channel is as good as zero. */
const SMALLEST_SCALE = 2 ** -126;

export interface AffineOptions {
  readonly bits: CodeBits;
  /** Null: one scale for the tensor. */
  readonly axis: number | null;
  /** Gets how many values codes cannot hold (NaN, infinities), if any, once the codes have run through. */
  readonly onNonFinite?: (count: number) => void;
}

/** The largest code of a symmetric range: 127 for 8 bits, so that zero is 0 and the range has no lone end. */
function symmetricLimit(bits: CodeBits): number {
  return 2 ** (bits - 1) - 1;
}

/**
 * Scale of a symmetric range from the largest magnitude: `max|w| / limit`, and 1 for a channel of zeros.
 * Source: onnxruntime.quantization, `compute_scale_zp`.
 */
function symmetricScale(peak: number, limit: number): number {
  const scale = Math.fround(peak / limit);
  return scale < SMALLEST_SCALE ? 1 : scale;
}

/**
 * Symmetric signed codes, `clip(round(w / scale), -limit, limit)`, halves to even, NaN to 0, infinities to the limits.
 * Scales come from finite values only. They are found when they or the codes are first asked for; a tensor that is
 * small enough is read once for both.
 */
export function affineCodes(
  kernels: Kernels,
  shape: readonly number[],
  openValues: () => RealValues,
  options: AffineOptions,
): AffineTensor {
  const tensor = new SymmetricCodes(kernels, shape, openValues, options);
  return {
    kind: 'affine',
    shape,
    bits: options.bits,
    signed: true,
    axis: options.axis,
    block: null,
    symmetric: true,
    scales: (signal) => tensor.scales(signal),
    codes: {
      byteLength: packedLength(options.bits, elementsOf(shape)),
      chunks: (signal) => tensor.chunks(signal),
    },
  };
}

class SymmetricCodes {
  private readonly layout: ChannelLayout;
  private readonly limit: number;
  private found: Float32Array | null = null;

  constructor(
    private readonly kernels: Kernels,
    shape: readonly number[],
    private readonly openValues: () => RealValues,
    private readonly options: AffineOptions,
  ) {
    this.layout = channelLayout(shape, options.axis);
    this.limit = symmetricLimit(options.bits);
  }

  async scales(signal?: AbortSignal): Promise<AffineScales> {
    if (this.found !== null) return { scale: this.found, zeroPoint: null };
    const values = this.openValues();
    try {
      return { scale: await this.measure(values, signal), zeroPoint: null };
    } finally {
      values.close();
    }
  }

  private async measure(values: RealValues, signal?: AbortSignal): Promise<Float32Array> {
    const peaks = this.kernels.take(this.layout.channels * 4);
    try {
      peaks.bytes.fill(0);
      for await (const span of values.spans(signal)) this.kernels.peaks(span, this.layout, peaks.address);
      const largest = new Float32Array(peaks.bytes.buffer, peaks.address, this.layout.channels);
      this.found = Float32Array.from(largest, (peak) => symmetricScale(peak, this.limit));
      return this.found;
    } finally {
      this.kernels.give(peaks);
    }
  }

  async *chunks(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { kernels, layout, limit } = this;
    const values = this.openValues();
    const scales = kernels.take(layout.channels * 4);
    let notFinite = 0;
    try {
      if (this.found === null) values.keep();
      putFloats(scales, this.found ?? (await this.measure(values, signal)));
      for await (const span of values.spans(signal)) {
        notFinite += kernels.countNonFinite(span.address, span.count);
        // Codes are narrower than their values, and take their place.
        kernels.quantize(span, layout, scales.address, limit, span.address);
        yield packCodes(this.options.bits, kernels.view(span.address, span.count));
      }
    } finally {
      kernels.give(scales);
      values.close();
    }
    if (notFinite > 0) this.options.onNonFinite?.(notFinite);
  }
}

/** What turns codes back: scales and zero points, one for each channel of a layout. */
export interface AffineDecoding {
  readonly bits: number;
  readonly signed: boolean;
  readonly layout: ChannelLayout;
  readonly scale: Float32Array;
  /** Null when all are zero. */
  readonly zeroPoint: Int32Array | null;
}

/** `(code - zeroPoint) * scale`. @throws EdgewiseError `unsupported` for widths that are never packed. */
export function affineDecoder(kernels: Kernels, how: AffineDecoding): ChunkDecoder {
  const { bits, signed, layout } = how;
  if (!isCodeBits(bits)) throw new EdgewiseError('unsupported', `Codes of ${bits} bits are not read here.`);
  const scales = kernels.take(layout.channels * 4);
  const zeroPoints = kernels.take(layout.channels * 4);
  putFloats(scales, how.scale);
  new Int32Array(zeroPoints.bytes.buffer, zeroPoints.address, layout.channels).set(
    how.zeroPoint ?? new Int32Array(layout.channels),
  );
  return {
    bitsPerElement: bits,
    decode: (stored, output) => {
      const codes = unpacked(kernels, bits, signed, stored);
      const span = { ...stored, address: codes?.address ?? stored.address };
      kernels.dequantize(span, layout, scales.address, zeroPoints.address, signed, output);
      if (codes !== null) kernels.give(codes);
    },
    close: () => {
      kernels.give(scales);
      kernels.give(zeroPoints);
    },
  };
}

function unpacked(kernels: Kernels, bits: CodeBits, signed: boolean, stored: Span): Region | null {
  if (bits === 8) return null;
  const codes = kernels.take(stored.count);
  unpackCodes(bits, signed, kernels.view(stored.address, packedLength(bits, stored.count)), codes.bytes);
  return codes;
}

function putFloats(region: Region, values: Float32Array): void {
  new Float32Array(region.bytes.buffer, region.address, values.length).set(values);
}
