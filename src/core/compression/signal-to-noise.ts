import type { Kernels } from '../kernels';
import type { RealValues } from './encodings/real-values';

/**
 * `10 log10(sum w^2 / sum (w - w')^2)` in dB of two versions of one weight, over pairs of finite values, summed in
 * float64. Null when nothing differs; -Infinity when only noise is there. Neither side is held in memory whole.
 * Source: onnxruntime.quantization.qdq_loss_debug, `compute_signal_to_quantization_noice_ratio`.
 */
export async function signalToNoise(
  kernels: Kernels,
  before: RealValues,
  after: RealValues,
  signal?: AbortSignal,
): Promise<number | null> {
  let power = 0;
  let noise = 0;
  const others = after.spans(signal);
  try {
    for await (const span of before.spans(signal)) {
      const { value: other, done } = await others.next();
      if (done) break;
      const part = kernels.noise(span.address, other.address, span.count);
      power += part.signal;
      noise += part.noise;
    }
  } finally {
    await others.return(undefined);
  }
  return noise === 0 ? null : 10 * Math.log10(power / noise);
}
