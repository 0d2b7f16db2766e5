import type { Kernels } from '../../kernels';
import { scaledSpans, type ScaleLayout } from '../../kernels/scale-layout';
import type { AffineScales } from './encoded-tensor';
import type { CodeBits } from './packing';
import type { RealValues } from './real-values';

/** Below the smallest normal float32 a scale has lost its digits; such a channel is as good as zero. */
const SMALLEST_SCALE = 2 ** -126;

/** Which integers codes are. */
export interface CodeFormat {
  readonly bits: CodeBits;
  readonly symmetric: boolean;
  readonly low: number;
  readonly high: number;
}

/**
 * Symmetric codes are signed and have no lone end: -127 to 127 for 8 bits, so that zero is 0. Asymmetric ones are
 * unsigned, and zero has a code of its own, the zero point.
 */
export function codeFormat(bits: CodeBits, symmetric: boolean): CodeFormat {
  const limit = 2 ** (bits - 1) - 1;
  return { bits, symmetric, low: symmetric ? -limit : 0, high: symmetric ? limit : 2 ** bits - 1 };
}

/** Finds scales from values, going through them as often as it needs to. */
export type ScaleFinder = (
  kernels: Kernels,
  values: RealValues,
  layout: ScaleLayout,
  format: CodeFormat,
  signal?: AbortSignal,
) => Promise<AffineScales>;

/** Ranges that scales cover, one each: at most 0 to at least 0, of finite values. */
export interface Ranges {
  /** Null where codes are symmetric: then the range reaches as far down as up. */
  readonly lows: Float32Array | null;
  readonly highs: Float32Array;
}

export async function findRanges(
  kernels: Kernels,
  values: RealValues,
  layout: ScaleLayout,
  format: CodeFormat,
  signal?: AbortSignal,
): Promise<Ranges> {
  const lows = format.symmetric ? null : new Float32Array(layout.scales);
  const highs = new Float32Array(layout.scales);
  for await (const span of values.spans(signal)) {
    for (const { span: part, first, count } of scaledSpans(layout, span, 4)) {
      const low = kernels.put(lows?.subarray(first, first + count) ?? new Float32Array(count));
      const high = kernels.put(highs.subarray(first, first + count));
      kernels.codes.extremes(part, layout, first, low.address, high.address);
      const [below, above] = [kernels.floats(low.address, count), kernels.floats(high.address, count)];
      if (lows === null) mirror(below, above);
      lows?.set(below, first);
      highs.set(above, first);
      kernels.give(low);
      kernels.give(high);
    }
  }
  return { lows, highs };
}

/** Makes the upper ends as far from zero as the lower ones, where these are further. */
function mirror(lows: Float32Array, highs: Float32Array): void {
  for (let index = 0; index < lows.length; index++) highs[index] = Math.max(highs[index] ?? 0, -(lows[index] ?? 0));
}

/** Scale and zero point of one range. */
export interface ScaleAndZero {
  readonly scale: number;
  readonly zeroPoint: number;
}

const LARGEST = 3.4028234663852886e38;

/**
 * Symmetric: `max(|low|, |high|) / limit`; asymmetric: `(high - low) / (2^bits - 1)` and `round(-low / scale)`, halves to
 * even. A range of nothing but zero has scale 1. Source: onnxruntime.quantization, `compute_scale_zp`. No code means
 * infinity: where float32 would overflow, the scale is the largest that it does not with.
 */
export function scaleOfRange(low: number, high: number, format: CodeFormat): ScaleAndZero {
  const extent = format.symmetric ? Math.max(-low, high) : high - low;
  const scale = Math.fround(extent / format.high);
  if (scale < SMALLEST_SCALE) return { scale: 1, zeroPoint: 0 };
  const zeroPoint = format.symmetric ? 0 : Math.min(format.high, roundHalfEven(-low / scale));
  const steps = Math.max(zeroPoint, format.high - zeroPoint);
  const fits = Math.fround(scale * steps) <= LARGEST;
  return { scale: fits ? scale : Math.fround((LARGEST / steps) * (1 - 2 ** -23)), zeroPoint };
}

/** Scales over whole ranges. The ranges' memory becomes that of the scales. */
export function scalesOfRanges({ lows, highs }: Ranges, format: CodeFormat): AffineScales {
  const zeroPoint = format.symmetric ? null : new Int32Array(highs.length);
  for (let index = 0; index < highs.length; index++) {
    const found = scaleOfRange(lows?.[index] ?? 0, highs[index] ?? 0, format);
    highs[index] = found.scale;
    if (zeroPoint !== null) zeroPoint[index] = found.zeroPoint;
  }
  return { scale: highs, zeroPoint };
}

/** The whole range of finite values. */
export const minmaxScales: ScaleFinder = async (kernels, values, layout, format, signal) =>
  scalesOfRanges(await findRanges(kernels, values, layout, format, signal), format);

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
