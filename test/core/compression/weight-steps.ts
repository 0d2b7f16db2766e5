import type { EncodedTensor } from '../../../src/core/compression/encodings/encoded-tensor';
import type { WeightReader } from '../../../src/core/formats/weight-reader';
import type { Model } from '../../../src/core/model/model';
import { quantizeSchema } from '../../../src/core/recipe/recipe.schema';
import { encodedByStep } from '../../../src/core/recipe/weight-pass';

export interface StepOptions {
  readonly granularity?: 'channel' | 'tensor';
  readonly keep?: readonly string[];
  readonly warn?: (sentence: string) => void;
}

/** The weights of a model that a step with int8 weights encodes. */
export function quantizeWeights(
  model: Model,
  weights: WeightReader,
  options: StepOptions = {},
): Promise<Map<string, EncodedTensor>> {
  return encoded('int8', model, weights, options);
}

/** The weights of a model that a step with float16 weights encodes. */
export function halveWeights(
  model: Model,
  weights: WeightReader,
  options: StepOptions = {},
): Promise<Map<string, EncodedTensor>> {
  return encoded('float16', model, weights, options);
}

function encoded(
  to: 'int8' | 'float16',
  model: Model,
  weights: WeightReader,
  { granularity = 'channel', keep = [], warn }: StepOptions,
): Promise<Map<string, EncodedTensor>> {
  const step = quantizeSchema.parse({ weights: to, granularity, keep: [...keep] });
  return encodedByStep(model, weights, step, { file: 'model.onnx', ...(warn === undefined ? {} : { warn }) });
}
