import type { EncodedTensor } from '../compression/encodings/encoded-tensor';
import { halveWeights } from '../compression/quantization/float16';
import { quantizeWeights } from '../compression/quantization/weight-only';
import { EdgewiseError } from '../errors';
import type { DataSet } from '../evaluation/data';
import { formatOf } from '../formats';
import { openWeights, type WeightReader } from '../formats/weight-reader';
import type { Model } from '../model/model';
import type { JobContext } from '../progress';
import type { QuantizeStep, RecipeStep } from './recipe.schema';

/** What a pass works with beside the model. */
export interface PassContext {
  readonly job: JobContext;
  /** What sentences call the model. */
  readonly file: string;
  readonly calibration: DataSet | null;
  /** Gets sentences for the report. */
  warn(sentence: string): void;
  /** Called once the result is written: weights are read while they are. */
  whenWritten(close: () => Promise<void>): void;
}

/** One technique of a recipe. */
export interface Pass {
  readonly title: string;
  /** True for the steps that this pass carries out. */
  takes(step: QuantizeStep): boolean;
  readonly needsCalibration: boolean;
  run(model: Model, step: QuantizeStep, context: PassContext): Promise<Model>;
}

const int8Weights: Pass = {
  title: 'int8 weights',
  takes: ({ weights, activations }) => weights === 'int8' && activations === 'float32',
  needsCalibration: false,
  run: (model, { granularity, keep }, context) =>
    encodeWeights(model, context, (weights) => quantizeWeights(model, weights, { granularity, keep })),
};

const float16Weights: Pass = {
  title: 'float16 weights',
  takes: ({ weights, activations }) => weights === 'float16' && activations === 'float32',
  needsCalibration: false,
  run: (model, { keep }, context) =>
    encodeWeights(model, context, (weights) => halveWeights(model, weights, { keep, warn: context.warn })),
};

/** Every pass. A new one is one line. */
const PASSES: readonly Pass[] = [int8Weights, float16Weights];

/**
 * The pass that carries out a step.
 * @throws EdgewiseError `bad-recipe` for a combination that none does
 */
export function passOf({ quantize }: RecipeStep): Pass {
  const pass = PASSES.find(({ takes }) => takes(quantize));
  if (pass) return pass;
  throw new EdgewiseError(
    'bad-recipe',
    `There is no step with ${quantize.weights} weights and ${quantize.activations} activations; use float32 activations with ${quantize.weights} weights.`,
  );
}

/** A pass over weights decides values; the model's format says how they are stored. */
async function encodeWeights(
  model: Model,
  context: PassContext,
  encode: (weights: WeightReader) => Promise<Map<string, EncodedTensor>>,
): Promise<Model> {
  const weights = await openWeights(model);
  context.whenWritten(() => weights.close());
  const tensors = await encode(weights);
  if (tensors.size === 0)
    throw new EdgewiseError(
      'unsupported',
      `${context.file} has no weights that would become smaller this way: they are too small, kept, or compressed already.`,
      { file: context.file },
    );
  return formatOf(model.format).encodings.store(model, tensors);
}
