import type { Range } from '../../calibration/range';
import { clip, roundHalfEven } from './rounding';

/** How an activation is stored as codes from 0 on: `real = (code - zeroPoint) * scale`. */
export interface ActivationParameters {
  /** A float32 value. */
  readonly scale: number;
  /** 0 to the highest code. */
  readonly zeroPoint: number;
  /** Where fewer codes than the type has were learned: the last of them; larger ones are cut to it. */
  readonly highestCode?: number;
}

/** What an activation is stored as. */
export type ActivationType = 'uint8' | 'uint16';

export const HIGHEST_CODE: Readonly<Record<ActivationType, number>> = { uint8: 255, uint16: 65_535 };

/** Below the smallest normal float32 a scale loses its digits; such a range is stored as zeros (scale 1). */
export const SMALLEST_SCALE = 2 ** -126;

/**
 * Scale and zero point for a range: the range is widened to hold zero, so that zero (padding, ReLU) is exact.
 * `scale = (max - min) / highest code`, `zeroPoint = round(-min / scale)` as in ONNX Runtime's quantizer.
 */
export function activationParameters(range: Range, type: ActivationType = 'uint8'): ActivationParameters {
  const highest = HIGHEST_CODE[type];
  const low = Math.min(range.min, 0);
  const high = Math.max(range.max, 0);
  // Halves first: the difference of two large bounds may exceed the largest float.
  const scale = Math.fround(high / highest - low / highest);
  if (scale < SMALLEST_SCALE) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: clip(roundHalfEven(-low / scale), 0, highest) };
}
