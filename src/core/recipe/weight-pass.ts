import type { DenseTensor, EncodedTensor } from '../compression/encodings/encoded-tensor';
import { encodingOf } from '../compression/encodings/encoding-of';
import { encodeWeights, weightsByName } from '../compression/quantization/encode-weights';
import { formatOf } from '../formats';
import type { StorageForm } from '../formats/format';
import type { WeightReader } from '../formats/weight-reader';
import { packedBytes } from '../model/dtype';
import { elementsOf, type Model, type Weight } from '../model/model';
import type { QuantizeStep } from './recipe.schema';
import { planWeights } from './weight-plan';

export interface WeightPassOptions {
  /** What sentences call the model. */
  readonly file: string;
  readonly signal?: AbortSignal;
  /** Gets sentences for the report, once the weight that they are about was written. */
  readonly warn?: (sentence: string) => void;
}

/**
 * The weights that a step encodes, by name: those that take fewer bytes in the file by it. Most are read only while they
 * are written, so that `weights` must stay open until then.
 * @throws EdgewiseError `usage` for patterns that name no layer, `unsupported`, `cancelled`
 */
export async function encodedByStep(
  model: Model,
  weights: WeightReader,
  step: QuantizeStep,
  options: WeightPassOptions,
): Promise<Map<string, EncodedTensor>> {
  const tensors = await encodeWeights(model, weights, planWeights(model, step, options.file), options);
  const { encodings } = formatOf(model.format);
  const weightOf = weightsByName(model);
  const isSmaller = (name: string, tensor: EncodedTensor, form: StorageForm | undefined): boolean => {
    const weight = weightOf(name);
    // What cannot be stored is refused with its reason when it is to be.
    if (weight === undefined || encodings.refusal(encodingOf(tensor), model, form) !== null) return true;
    return encodings.bytes(model, name, tensor, form) < encodings.bytes(model, name, asItIs(weight), form);
  };
  return new Map([...tensors].filter(([name, tensor]) => isSmaller(name, tensor, step.store)));
}

/** A weight as it is stored, for its bytes alone. */
function asItIs({ shape, dtype }: Weight): DenseTensor {
  const byteLength = packedBytes(dtype, elementsOf(shape));
  return { kind: 'dense', shape, dtype, data: { byteLength, chunks: noChunks } };
}

async function* noChunks(): AsyncGenerator<Uint8Array> {
  // Nobody reads it.
}
