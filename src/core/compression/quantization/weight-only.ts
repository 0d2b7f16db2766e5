import type { Layer, LayerWeight } from '../../analysis/layers';
import type { WeightReader } from '../../formats/weight-reader';
import { loadKernels } from '../../kernels';
import { packedBytes } from '../../model/dtype';
import { elementsOf, type Model } from '../../model/model';
import { affineCodes } from '../encodings/affine';
import type { EncodedTensor } from '../encodings/encoded-tensor';
import { packedLength } from '../encodings/packing';
import { denseValues } from '../encodings/stored';
import { candidates, storageBytes } from './candidates';

export interface WeightOnlyOptions {
  /** One scale for each output channel, or one for the tensor. */
  readonly granularity: 'channel' | 'tensor';
  /** Names of layers that stay as they are. */
  readonly keep?: readonly string[];
  /** Gets a sentence for a weight with values that codes cannot hold, once it has been written. */
  readonly warn?: (sentence: string) => void;
}

const BITS = 8;

/**
 * Weights that int8 codes make smaller, by name: symmetric, `scale = max|w| / 127`, codes in [-127, 127]
 * (`onnxruntime.quantization` with a restricted range). Biases, vectors and small tensors stay. Nothing is read yet:
 * scales and codes are made while they are written, and `weights` must stay open until then.
 */
export async function quantizeWeights(
  model: Model,
  weights: WeightReader,
  options: WeightOnlyOptions,
): Promise<Map<string, EncodedTensor>> {
  const kernels = await loadKernels();
  const planned = candidates(model, new Set(options.keep), (weight, layer) => isQuantizable(weight, layer));
  const tensors = new Map<string, EncodedTensor>();
  for (const { name, weight } of planned) {
    const axis = options.granularity === 'channel' ? channelAxis(weight) : null;
    if (!saves(name, weight, axis)) continue;
    const open = () => denseValues(kernels, weights, weight.stored);
    const onNonFinite = (count: number) => options.warn?.(notFiniteSentence(name, count));
    tensors.set(name, affineCodes(kernels, weight.shape, open, { bits: BITS, axis, onNonFinite }));
  }
  return tensors;
}

/** Operators whose weights of two and more dimensions multiply: small errors of single weights average out in them. */
const QUANTIZABLE: ReadonlySet<string> = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'FusedConv',
  'FusedGemm',
  'FusedMatMul',
  'Gather',
  'LSTM',
  'GRU',
  'RNN',
  'Attention',
]);

function isQuantizable(weight: LayerWeight, layer: Layer): boolean {
  return weight.role === 'weight' && weight.shape.length >= 2 && QUANTIZABLE.has(layer.node.opType);
}

/** The outputs' axis; rows of an embedding and directions of a recurrent layer lie along the first. */
function channelAxis(weight: LayerWeight): number {
  return weight.outputAxis ?? 0;
}

function saves(name: string, weight: LayerWeight, axis: number | null): boolean {
  const elements = elementsOf(weight.shape);
  const scales = axis === null ? 1 : (weight.shape[axis] ?? 1);
  const after = packedLength(BITS, elements) + scales * Float32Array.BYTES_PER_ELEMENT + storageBytes(name);
  return after < packedBytes(weight.stored.dtype, elements);
}

function notFiniteSentence(name: string, count: number): string {
  const values = count === 1 ? '1 value' : `${count.toLocaleString('en-US')} values`;
  return `${values} of "${name}" cannot be an int8 code: NaN became 0, infinities the largest value. Check the training of that layer.`;
}
