import type { Range } from '../../calibration/range';
import { clip, roundHalfEven } from './rounding';

/** How an activation is stored as uint8: `real = (code - zeroPoint) * scale`. */
export interface ActivationParameters {
  /** A float32 value. */
  readonly scale: number;
  /** 0 to 255. */
  readonly zeroPoint: number;
}

const HIGHEST_CODE = 255;

/** Below the smallest normal float32 a scale loses its digits; such a range is stored as zeros (scale 1). */
export const SMALLEST_SCALE = 2 ** -126;

/**
 * Scale and zero point for a range: the range is widened to hold zero, so that zero (padding, ReLU) is exact.
 * `scale = (max - min) / 255`, `zeroPoint = round(-min / scale)` as in ONNX Runtime's quantizer.
 */
export function activationParameters(range: Range): ActivationParameters {
  const low = Math.min(range.min, 0);
  const high = Math.max(range.max, 0);
  // Halves first: the difference of two large bounds may exceed the largest float.
  const scale = Math.fround(high / HIGHEST_CODE - low / HIGHEST_CODE);
  if (scale < SMALLEST_SCALE) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: clip(roundHalfEven(-low / scale), 0, HIGHEST_CODE) };
}
