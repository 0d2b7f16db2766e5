import { openRoles, type DataSet } from '../../../src/core/evaluation/data';
import type { DataSection, DataSource } from '../../../src/core/recipe/recipe.schema';

/** An input as a session tells it. */
export interface InputFacts {
  name: string;
  dtype: string;
  shape: (number | string)[];
}

/** Opens a test set for inputs, works with it, and closes it. */
export async function withSet<T>(
  base: string,
  test: DataSource,
  inputs: readonly InputFacts[],
  work: (set: DataSet) => T | Promise<T>,
  data: Omit<DataSection, 'test'> = {},
): Promise<T> {
  const roles = await openRoles({ ...data, test }, base, inputs);
  try {
    if (roles.test === null) throw new Error('No test set.');
    return await work(roles.test);
  } finally {
    await roles.close();
  }
}

/** Values of one input for these samples. */
export async function valuesAt(set: DataSet, input: string, indices: readonly number[]): Promise<number[]> {
  return Array.from((await set.batch(indices)).inputs[input]?.data ?? [], Number);
}
