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
      const high = kernels.put(highs.subarray(first, first + count));
      if (lows === null) kernels.codes.peaks(part, layout, first, high.address);
      else {
        const low = kernels.put(lows.subarray(first, first + count));
        kernels.codes.extremes(part, layout, first, low.address, high.address);
        lows.set(kernels.floats(low.address, count), first);
        kernels.give(low);
      }
      highs.set(kernels.floats(high.address, count), first);
      kernels.give(high);
    }
  }
  return { lows, highs };
}

const LARGEST = 3.4028234663852886e38;

/**
 * Scale of one range. Symmetric: `max(|low|, |high|) / limit`; asymmetric: `(high - low) / (2^bits - 1)`. A range of
 * nothing but zero has scale 1. Source: onnxruntime.quantization, `compute_scale_zp`. No code means infinity: where
 * float32 would overflow, the scale is the largest with which it does not.
 */
export function scaleOf(low: number, high: number, format: CodeFormat): number {
  const extent = format.symmetric ? Math.max(-low, high) : high - low;
  const scale = Math.fround(extent / format.high);
  if (scale < SMALLEST_SCALE) return 1;
  if (extent < LARGEST / 2) return scale;
  const zeroPoint = zeroPointOf(low, high, format);
  const steps = Math.max(zeroPoint, format.high - zeroPoint);
  return Math.fround(scale * steps) <= LARGEST ? scale : Math.fround((LARGEST / steps) * (1 - 2 ** -23));
}

/** Zero point of one range: 0 for symmetric codes, else `round(-low * (2^bits - 1) / (high - low))`, halves to even. */
export function zeroPointOf(low: number, high: number, format: CodeFormat): number {
  if (format.symmetric) return 0;
  const scale = Math.fround((high - low) / format.high);
  return scale < SMALLEST_SCALE ? 0 : Math.min(format.high, roundHalfEven(-low / scale));
}

/** Scale and zero point of one range. */
export function scaleOfRange(low: number, high: number, format: CodeFormat): { scale: number; zeroPoint: number } {
  return { scale: scaleOf(low, high, format), zeroPoint: zeroPointOf(low, high, format) };
}

/** Scales over whole ranges. The ranges' memory becomes that of the scales. */
export function scalesOfRanges({ lows, highs }: Ranges, format: CodeFormat): AffineScales {
  const zeroPoint =
    lows === null ? null : Int32Array.from(lows, (low, index) => zeroPointOf(low, highs[index] ?? 0, format));
  for (let index = 0; index < highs.length; index++) {
    highs[index] = scaleOf(lows?.[index] ?? 0, highs[index] ?? 0, format);
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
