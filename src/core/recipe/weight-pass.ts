import { encodedBytes, storageBytes } from '../analysis/encoded-size';
import type { EncodedTensor } from '../compression/encodings/encoded-tensor';
import type { WeightPlan, WeightScheme } from '../compression/encodings/scheme';
import { encodeWeights, weightsByName } from '../compression/quantization/encode-weights';
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
 * The weights that a step encodes, by name: those that get smaller by it. Most are read only while they are written, so
 * that `weights` must stay open until then.
 * @throws EdgewiseError `usage` for patterns that name no layer, `unsupported`, `cancelled`
 */
export function encodedByStep(
  model: Model,
  weights: WeightReader,
  step: QuantizeStep,
  options: WeightPassOptions,
): Promise<Map<string, EncodedTensor>> {
  return encodeWeights(model, weights, worthwhile(model, planWeights(model, step, options.file)), options);
}

/** The part of a plan by which weights get smaller. */
export function worthwhile(model: Model, plan: WeightPlan): WeightPlan {
  const weightOf = weightsByName(model);
  return new Map(
    [...plan].filter(([name, scheme]) => {
      const weight = weightOf(name);
      return weight !== undefined && saves(name, weight, scheme);
    }),
  );
}

function saves(name: string, { shape, dtype }: Weight, scheme: WeightScheme): boolean {
  return encodedBytes(scheme, shape) + storageBytes(scheme, name) < packedBytes(dtype, elementsOf(shape));
}
