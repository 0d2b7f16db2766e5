import type { DataSection } from '../../recipe/recipe.schema';
import { divideInputs, withConstants } from './constant-inputs';
import { openRolesOf } from './open-roles';
import { statedPreprocessing } from './preprocessing/stated';
import type { Roles, RolesOptions } from './roles';
import { inputTargets, type ModelInput } from './targets';

export type { Batch, DataInput, DataSet, Picture } from './data-set';
export type { Roles, RolesOptions } from './roles';
export { divideForTraining, type TrainingSets } from './divide-for-training';

/**
 * Opens the data of a recipe for a model's inputs and gives each role its set. One set for every role is split by
 * seed; nothing looks at labels to choose.
 * @param base the folder that paths in `data` are relative to
 * @param inputs the model's inputs, batch first
 * @throws EdgewiseError `bad-data`, `bad-recipe`, `not-found`, `unsupported`: which file, and what is wrong
 */
export async function openRoles(
  data: DataSection,
  base: string,
  inputs: readonly ModelInput[],
  options: RolesOptions = {},
): Promise<Roles> {
  const stated = statedPreprocessing(options.metadata ?? new Map());
  const pictures = Object.keys(stated?.input ?? {}).length === 0 ? undefined : stated?.input;
  const { sampled, constants } = divideInputs(inputs, data.constants ?? {}, options.model);
  const targets = inputTargets(sampled, data.input, { model: options.model, stated: pictures });
  return withConstants(await openRolesOf(data, base, targets, stated?.labels ?? null, options), constants);
}
