import { bitsOf, isFloat } from '../model/dtype';
import type { Model } from '../model/model';
import { peakActivationBytes } from './cost/activations';
import { batchSymbol, freeSymbols } from './free-symbols';
import { Inference } from './shapes';

/** Buffers of TensorFlow Lite Micro's arena begin at multiples of it (`MicroArenaBufferAlignment`). */
const ALIGNMENT = 16;

/**
 * Bytes of the tensor arena that a microcontroller needs for one sample: the largest sum of activations alive at once,
 * floats as codes of `bits`. What a runtime keeps beside (its node structures, scratch of single kernels) is not in it.
 * Null where a shape is not known.
 */
export function arenaBytes(model: Model, bits: 8 | 16): number | null {
  const symbols = freeSymbols(model, {});
  const batch = batchSymbol(model, {}, symbols);
  const inference = new Inference(model, batch === null ? {} : { [batch]: 1 });
  return peakActivationBytes(model.graph, inference, (elements, dtype) => {
    const width = isFloat(dtype) ? bits : bitsOf(dtype);
    return Math.ceil((elements * width) / 8 / ALIGNMENT) * ALIGNMENT;
  });
}
