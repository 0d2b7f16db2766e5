import type { StepBuilder } from '../compression/search';
import { EdgewiseError } from '../errors';
import { formatOf } from '../formats';
import type { Model } from '../model/model';
import type { JobContext } from '../progress';
import { carryOut, type CompressionInputs } from './carry-out';
import type { Preparation } from './preparation';
import type { QuantizeStep, Recipe } from './recipe.schema';
import { checkStep } from './step-check';
import { fitToTarget } from './target-profiles';
import { planWeights } from './weight-plan';

/** What of a job a search works on. */
type Searched = Pick<Preparation, 'model' | 'file' | 'recipe'>;

/**
 * Makes what carrying out a step would write, byte for byte, for a search to measure.
 * @param store how the steps store weights
 */
export function searchBuilder(
  preparation: Searched,
  inputs: CompressionInputs,
  store: QuantizeStep['store'],
): StepBuilder {
  const { model, file, recipe } = preparation;
  const { encodings } = formatOf(model.format);
  return {
    plan: (step) => (fittedStep(recipe, step) === null ? new Map() : planWeights(model, step, file)),
    stored: (tensors) => encodings.store(model, tensors, store),
    bytes: (name, tensor) => encodings.bytes(model, name, tensor, store),
    build: (step, use) => build(step, preparation, inputs, use),
  };
}

/** The step as the place that the recipe names can run it; null where it cannot: such an encoding is no candidate. */
export function fittedStep(recipe: Recipe, step: QuantizeStep): QuantizeStep | null {
  try {
    checkStep(step);
    return fitToTarget({ ...recipe, steps: [{ quantize: step }] }).recipe.steps[0]?.quantize ?? null;
  } catch (error) {
    if (EdgewiseError.is(error, 'bad-recipe')) return null;
    throw error;
  }
}

/** Provenance and all, so that sizes are those of the file. */
async function build<Found>(
  step: QuantizeStep,
  preparation: Searched,
  inputs: CompressionInputs,
  use: (made: Model, bytes: number) => Promise<Found>,
): Promise<Found> {
  const { recipe, file, model } = preparation;
  const format = formatOf(model.format);
  const quantize = fittedStep(recipe, step);
  if (quantize === null)
    throw new EdgewiseError('unsupported', `The place that ${file} is for does not take such weights.`);
  // The search tells how far it is; each of its many models says nothing of itself.
  const job: JobContext = { signal: inputs.job.signal, progress: () => undefined };
  const quiet: CompressionInputs = { ...inputs, job, warn: () => undefined };
  return carryOut({ ...preparation, recipe: { ...recipe, steps: [{ quantize }] } }, quiet, (result) =>
    use(result, format.encodedBytes(result)),
  );
}
