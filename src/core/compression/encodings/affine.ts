import { EdgewiseError } from '../../errors';
import type { Kernels, Region } from '../../kernels';
import type { Span } from '../../kernels/kernels';
import { scaledSpans, scaleLayout, type ScaleLayout } from '../../kernels/scale-layout';
import { elementsOf } from '../../model/model';
import { codeFormat, minmaxScales, type CodeFormat, type ScaleFinder } from './affine-scales';
import type { AffineScales, AffineTensor } from './encoded-tensor';
import { leastSquaresScales } from './least-squares-scales';
import { isCodeBits, packedLength } from './packing';
import { percentileScales } from './percentile-scales';
import type { ChunkDecoder, RealValues } from './real-values';
import { noteFound } from './recent-scales';
import type { AffineScheme, ScaleChoice } from './scheme';

/** One more way to choose scales is one line. */
const SCALES: Record<ScaleChoice, ScaleFinder> = {
  minmax: minmaxScales,
  mse: leastSquaresScales,
  percentile: percentileScales,
};

/** Gets how many values codes cannot hold (NaN, infinities), if any, once the codes have run through. */
type OnNonFinite = (count: number) => void;

/**
 * Codes `clip(round(w / scale) + zeroPoint, low, high)`, halves to even, NaN as 0, infinities to the ends. Scales come
 * from finite values only. They are found when they or the codes are first asked for; a tensor that is small enough is
 * read once for both.
 * @throws EdgewiseError `unsupported` for codes too narrow for a range, blocks of no elements and given scales that do
 * not fit
 */
export function affineTensor(
  kernels: Kernels,
  shape: readonly number[],
  openValues: () => RealValues,
  scheme: AffineScheme,
  onNonFinite?: OnNonFinite,
): AffineTensor {
  const { bits, axis, block, symmetric } = scheme;
  checkScheme(shape, scheme);
  const tensor = new AffineCodes(kernels, scaleLayout(shape, axis, block), openValues, scheme, onNonFinite);
  return {
    kind: 'affine',
    shape,
    bits,
    signed: symmetric,
    axis,
    block,
    symmetric,
    scales: (signal) => tensor.scales(signal),
    codes: {
      byteLength: packedLength(bits, elementsOf(shape)),
      chunks: (signal) => tensor.chunks(signal),
    },
  };
}

function checkScheme(shape: readonly number[], { bits, axis, block, symmetric, given }: AffineScheme): void {
  if (!isCodeBits(bits) || bits < 2) {
    throw new EdgewiseError('unsupported', `Integer codes have 2 to 8 bits, not ${bits}. Use a palette for 1 bit.`);
  }
  if (axis !== null && (!Number.isInteger(axis) || axis < 0 || axis >= Math.max(1, shape.length))) {
    throw new EdgewiseError('unsupported', `A weight of ${shape.length} dimensions has no axis ${axis}.`);
  }
  if (block !== null && (axis === null || !Number.isInteger(block) || block < 1)) {
    throw new EdgewiseError('unsupported', 'Blocks need an axis to lie along and a whole number of elements.');
  }
  if (given === undefined) return;
  const scales = axis === null ? 1 : scaleLayout(shape, axis, block).scales;
  const fits = given.scale.length === scales && (given.zeroPoint === null || given.zeroPoint.length === scales);
  const format = codeFormat(bits, symmetric);
  const inRange = given.zeroPoint?.every((zero) => zero >= format.low && zero <= format.high) ?? true;
  if (!fits || !inRange || !given.scale.every((scale) => scale > 0 && Number.isFinite(scale))) {
    throw new EdgewiseError('unsupported', `The given scales do not fit a weight that has ${scales}.`);
  }
}

class AffineCodes {
  private readonly format: CodeFormat;
  private found: AffineScales | null;

  constructor(
    private readonly kernels: Kernels,
    private readonly layout: ScaleLayout,
    private readonly openValues: () => RealValues,
    private readonly scheme: AffineScheme,
    private readonly onNonFinite?: OnNonFinite,
  ) {
    this.format = codeFormat(scheme.bits, scheme.symmetric);
    this.found = scheme.given ?? null;
  }

  async scales(signal?: AbortSignal): Promise<AffineScales> {
    if (this.found !== null) return this.found;
    const values = this.openValues();
    try {
      if (this.scheme.scales !== 'minmax') values.keep();
      return await this.measure(values, signal);
    } finally {
      values.close();
    }
  }

  private async measure(values: RealValues, signal?: AbortSignal): Promise<AffineScales> {
    const find = SCALES[this.scheme.scales];
    const found = await find(this.kernels, values, this.layout, this.format, signal);
    this.found = found;
    noteFound(this, found);
    return found;
  }

  /** Scales that were given are not found again. */
  forget(): void {
    this.found = this.scheme.given ?? null;
  }

  async *chunks(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { kernels } = this;
    const { bits } = this.scheme;
    const values = this.openValues();
    let notFinite = 0;
    try {
      if (this.found === null) values.keep();
      const scales = this.found ?? (await this.measure(values, signal));
      for await (const span of values.spans(signal)) {
        notFinite += kernels.countNonFinite(span.address, span.count);
        this.quantize(span, scales);
        if (bits < 8) kernels.codes.pack(span.address, span.count, bits, span.address);
        yield kernels.view(span.address, packedLength(bits, span.count));
      }
    } finally {
      values.close();
    }
    if (notFinite > 0) this.onNonFinite?.(notFinite);
  }

  /** Codes are narrower than their values, and take their place. */
  private quantize(span: Span, scales: AffineScales): void {
    const { kernels, layout, format } = this;
    for (const { span: part, first, count } of scaledSpans(layout, span, 4)) {
      const held = putScales(kernels, scales, first, count);
      const output = span.address + (part.first - span.first);
      kernels.codes.quantize(part, layout, held.at, format, output);
      held.give();
    }
  }
}

/** Scales and zero points in the kernels' memory. */
function putScales(
  kernels: Kernels,
  { scale, zeroPoint }: AffineScales,
  first: number,
  count: number,
): { at: { first: number; scales: number; zeroPoints: number }; give: () => void } {
  const scales = kernels.put(scale.subarray(first, first + count));
  const zeroPoints =
    zeroPoint === null ? zeros(kernels, count * 4) : kernels.put(zeroPoint.subarray(first, first + count));
  return {
    at: { first, scales: scales.address, zeroPoints: zeroPoints.address },
    give: () => {
      kernels.give(scales);
      kernels.give(zeroPoints);
    },
  };
}

function zeros(kernels: Kernels, byteLength: number): Region {
  const region = kernels.take(byteLength);
  region.bytes.fill(0);
  return region;
}

/** What turns codes back: scales and zero points, one for each of a layout. */
export interface AffineDecoding {
  readonly bits: number;
  readonly signed: boolean;
  readonly layout: ScaleLayout;
  readonly scale: Float32Array;
  /** Null when all are zero. */
  readonly zeroPoint: Int32Array | null;
}

/** `(code - zeroPoint) * scale`. @throws EdgewiseError `unsupported` for widths that are never packed. */
export function affineDecoder(kernels: Kernels, how: AffineDecoding): ChunkDecoder {
  const { bits, signed, layout } = how;
  if (!isCodeBits(bits)) throw new EdgewiseError('unsupported', `Codes of ${bits} bits are not read here.`);
  return {
    bitsPerElement: bits,
    decode: (stored, output) => {
      const codes = bits === 8 ? null : kernels.take(stored.count);
      if (codes !== null) kernels.codes.unpack(stored.address, stored.count, bits, signed, codes.address);
      const span = { ...stored, address: codes?.address ?? stored.address };
      for (const { span: part, first, count } of scaledSpans(layout, span, 1)) {
        const held = putScales(kernels, how, first, count);
        kernels.codes.dequantize(part, layout, held.at, signed, output + (part.first - stored.first) * 4);
        held.give();
      }
      if (codes !== null) kernels.give(codes);
    },
    close: () => undefined,
  };
}
