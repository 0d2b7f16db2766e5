import type { WeightReader } from '../../formats/weight-reader';
import { loadKernels } from '../../kernels';
import { bitsOf, packedBytes } from '../../model/dtype';
import { elementsOf, type Model } from '../../model/model';
import { float16Tensor } from '../encodings/dense';
import type { EncodedTensor } from '../encodings/encoded-tensor';
import { denseValues } from '../encodings/stored';
import { candidates, storageBytes } from './candidates';

export interface HalveOptions {
  /** Names of layers that stay as they are. */
  readonly keep?: readonly string[];
  /** Gets a sentence for a weight with values that float16 cannot hold, once it has been written. */
  readonly warn?: (sentence: string) => void;
}

/**
 * Weights that float16 makes smaller, by name. Layers go on computing in float32: it is a form of storage. Running
 * statistics of batch normalization stay, since a variance can be beyond float16's range. Nothing is read yet: values
 * are made while they are written, and `weights` must stay open until then.
 */
export async function halveWeights(
  model: Model,
  weights: WeightReader,
  options: HalveOptions = {},
): Promise<Map<string, EncodedTensor>> {
  const kernels = await loadKernels();
  const planned = candidates(model, new Set(options.keep), ({ role }) => role !== 'statistics');
  const tensors = new Map<string, EncodedTensor>();
  for (const { name, weight } of planned) {
    const elements = elementsOf(weight.shape);
    const after = packedBytes('float16', elements) + storageBytes(name);
    if (bitsOf(weight.stored.dtype) <= 16 || after >= packedBytes(weight.stored.dtype, elements)) continue;
    const open = () => denseValues(kernels, weights, weight.stored);
    const warn = (count: number) => options.warn?.(overflowSentence(name, count));
    tensors.set(name, float16Tensor(kernels, weight.shape, open, warn));
  }
  return tensors;
}

function overflowSentence(name: string, count: number): string {
  const values = count === 1 ? '1 value' : `${count.toLocaleString('en-US')} values`;
  return `${values} of "${name}" beyond the largest float16 became 65,504. Keep that layer if its accuracy matters.`;
}
