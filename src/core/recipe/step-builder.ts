import type { StepBuilder } from '../compression/search';
import { EdgewiseError } from '../errors';
import { formatOf } from '../formats';
import { encodeOnnx } from '../formats/onnx/encode';
import type { Model } from '../model/model';
import type { JobContext } from '../progress';
import { carryOut, type CompressionInputs } from './carry-out';
import type { QuantizeStep, Recipe } from './recipe.schema';
import { fitToTarget } from './target-profiles';
import { planWeights } from './weight-plan';

export interface BuilderInputs extends CompressionInputs {
  readonly model: Model;
  /** What sentences call the model. */
  readonly file: string;
  readonly recipe: Recipe;
  readonly store: QuantizeStep['store'];
}

/** Makes in memory what carrying out a step would write, provenance and all, for a search to measure. */
export function stepBuilder(inputs: BuilderInputs): StepBuilder {
  const { model, file, recipe, store } = inputs;
  const { encodings } = formatOf(model.format);
  // A search tells how far it is; each of its many models says nothing of itself.
  const job: JobContext = { signal: inputs.job.signal, progress: () => undefined };
  const quiet = { ...inputs, job, warn: () => undefined };
  return {
    plan: (step) => (runsThere(recipe, step) ? planWeights(model, step, file) : new Map()),
    stored: (tensors) => encodings.store(model, tensors, store),
    bytes: (name, tensor) => encodings.bytes(model, name, tensor, store),
    build: (step) => {
      const steps = [{ quantize: fittedStep(recipe, step) }];
      return carryOut({ model, file, recipe: { ...recipe, steps } }, quiet, (result) => encodeOnnx(result, job));
    },
  };
}

/** A step as the place that a recipe is for can run it. @throws EdgewiseError `bad-recipe` where it cannot */
export function fittedStep(recipe: Recipe, step: QuantizeStep): QuantizeStep {
  return fitToTarget({ ...recipe, steps: [{ quantize: step }] }).recipe.steps[0]?.quantize ?? step;
}

/** An encoding that the place does not take is no candidate. */
function runsThere(recipe: Recipe, step: QuantizeStep): boolean {
  try {
    fittedStep(recipe, step);
    return true;
  } catch (error) {
    if (EdgewiseError.is(error, 'bad-recipe')) return false;
    throw error;
  }
}
