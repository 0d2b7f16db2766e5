import { encodingOfStep } from '../compression/encodings/step-scheme';
import { EdgewiseError } from '../errors';
import type { QuantizeStep, RecipeStep } from './recipe.schema';
import type { TrainStep } from './train.schema';

/**
 * Refuses, before any work, steps that cannot follow each other: codes do not learn, and are not quantized again. What
 * was pruned or clustered can be trained on, and quantized after that.
 * @throws EdgewiseError `bad-recipe` with the order that works
 */
export function checkOrder(steps: readonly RecipeStep[], file: string): void {
  const first = steps.findIndex(makesCodes);
  const later = first < 0 ? -1 : steps.findIndex((step, index) => index > first && cannotFollow(step, steps[first]));
  if (later < 0) return;
  const [before, after] = [wordOf(steps[first]), wordOf(steps[later])];
  const advice =
    after === 'quantize'
      ? 'Leave one of the two out.'
      : 'Put it before that step, or let it quantize while it learns: quantize in its own step.';
  throw new EdgewiseError(
    'bad-recipe',
    `In the recipe for ${file}, step ${later + 1} (${after}) comes after step ${first + 1} (${before}), which makes codes of weights, and codes do not change any more. ${advice}`,
    { file },
  );
}

function makesCodes({ quantize, train, distil }: RecipeStep): boolean {
  if (quantize) return isCoding(quantize);
  return isAware((train ?? distil)?.quantize);
}

/** Zeros alone, and palettes of whole tensors, leave values that learn. */
function isCoding(step: QuantizeStep): boolean {
  if (step.activations !== 'float32' || step.compute === 'float16') return true;
  const isPalette = encodingOfStep(step) === 'palette' && step.granularity !== 'group';
  return step.weights !== 'float32' && !isPalette;
}

const isAware = (quantize: TrainStep['quantize']): boolean =>
  quantize !== undefined && (quantize.weights !== undefined || quantize.activations !== 'float32');

/** Quantizing twice is as ever: what is encoded stays. What was learned with few bits has nothing left. */
function cannotFollow({ quantize }: RecipeStep, before: RecipeStep | undefined): boolean {
  return quantize === undefined || before?.quantize === undefined;
}

const wordOf = (step: RecipeStep | undefined): string =>
  Object.entries(step ?? {}).find(([, value]) => value !== undefined)?.[0] ?? 'step';
