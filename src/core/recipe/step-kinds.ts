import type { QuantizeStep, RecipeStep } from './recipe.schema';
import type { DistilStep, TrainStep } from './train.schema';

/** The steps that quantize what is there, in order. */
export function quantizeSteps(steps: readonly RecipeStep[]): readonly QuantizeStep[] {
  return steps.flatMap(({ quantize }) => (quantize === undefined ? [] : [quantize]));
}

/** The steps that train, in order. */
export function trainSteps(steps: readonly RecipeStep[]): readonly (TrainStep | DistilStep)[] {
  return steps.flatMap(({ train, distil }) => train ?? distil ?? []);
}

/** Whether a step makes the file smaller; plain training keeps its size. */
export function compresses({ quantize, train, distil, student }: RecipeStep): boolean {
  return quantize !== undefined || student !== undefined || (train ?? distil)?.quantize?.weights !== undefined;
}
