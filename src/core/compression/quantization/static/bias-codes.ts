import { SMALLEST_SCALE } from './activation-parameters';
import { clip, roundHalfEven } from './rounding';

const LARGEST_INT32 = 2 ** 31 - 1;

/** Keeps a bias that was scaled to the limit on the near side of it after rounding to float32. */
const MARGIN = 1.0001;

/**
 * Weight scales at which every bias fits 32 bits: a bias is stored with scale `input * weight`, so a tiny weight scale
 * with a large bias would overflow. Such scales grow by what is missing (as ONNX Runtime's quantizer does); the others
 * stay. `scales` has one entry a channel, or one for all.
 */
export function scalesThatHoldBias(scales: Float32Array, bias: Float32Array, inputScale: number): Float32Array {
  const largestBias = new Float64Array(scales.length);
  bias.forEach((value, channel) => {
    const at = scales.length === 1 ? 0 : channel;
    largestBias[at] = Math.max(largestBias[at] ?? 0, Math.abs(value));
  });
  return scales.map((scale, channel) => {
    const smallest = Math.max((MARGIN * (largestBias[channel] ?? 0)) / LARGEST_INT32, SMALLEST_SCALE);
    return scale * inputScale < smallest ? smallest / inputScale : scale;
  });
}

/** `input * weight`, one a channel of the bias. */
export function biasScales(weightScales: Float32Array, channels: number, inputScale: number): Float32Array {
  const shared = weightScales.length === 1;
  return Float32Array.from(
    { length: channels },
    (_, channel) => (weightScales[shared ? 0 : channel] ?? 1) * inputScale,
  );
}

/** `round(bias / scale)`, clipped to 32 bits. */
export function biasCodes(bias: Float32Array, scales: Float32Array): Int32Array {
  return Int32Array.from(bias, (value, channel) =>
    clip(roundHalfEven(value / (scales[channel] ?? 1)), -LARGEST_INT32, LARGEST_INT32),
  );
}
