import { divideForTraining, openRoles, type DataSet, type RolesOptions } from '../../evaluation/data';
import type { ModelInput } from '../../evaluation/data/targets';
import { EdgewiseError } from '../../errors';
import type { DataSection } from '../../recipe/recipe.schema';

/** How the data of a training were opened: plain data, so that another thread opens the same. */
export interface DataOpening {
  readonly section: DataSection;
  /** The folder that paths in the section are relative to. */
  readonly base: string;
  readonly inputs: readonly ModelInput[];
  readonly options: RolesOptions;
  /** By which a part is kept for choosing. */
  readonly seed: number;
}

export interface OpenedData {
  /** What is trained on. */
  readonly set: DataSet;
  close(): Promise<void>;
}

/** Opens what is trained on, as the main thread has opened it. */
export async function openTrainingData(opening: DataOpening): Promise<OpenedData> {
  const { section, base, inputs, options, seed } = opening;
  const roles = await openRoles(section, base, inputs, options);
  const close = (): Promise<void> => roles.close();
  if (roles.selection) return { set: divideForTraining(roles.selection, seed).train, close };
  await close();
  throw new EdgewiseError('changed', 'The data hold nothing to train on any more. Start again.');
}
