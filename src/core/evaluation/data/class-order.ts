import type { SourceRequest } from './raw-set';

/**
 * Names of classes in the order of the model's outputs: the recipe's order; else that of the model's metadata, where
 * all that the data name are in it; else the data's own.
 * @param found in the order that the data have them
 */
export function classOrder(
  found: readonly string[],
  { classNames, statedClasses }: Pick<SourceRequest, 'classNames' | 'statedClasses'>,
): readonly string[] {
  if (classNames !== null) return classNames;
  if (statedClasses === null || found.length === 0) return found;
  const stated = new Set(statedClasses);
  return found.every((name) => stated.has(name)) ? statedClasses : found;
}

/** Classes that the data count, and where each of them is among the model's. */
export interface CountedClasses {
  readonly classNames: readonly string[];
  /** By the data's number of a class, the model's. */
  readonly places: readonly number[];
}

/**
 * The same where the data have numbers for their classes: a recipe that names classes names these, in their order.
 * @param found by the data's numbers
 */
export function countedClasses(
  found: readonly string[],
  request: Pick<SourceRequest, 'classNames' | 'statedClasses'>,
): CountedClasses {
  const classNames = classOrder(found, request);
  const asCounted = classNames === found || request.classNames !== null;
  const positions = new Map(classNames.map((name, place) => [name, place]));
  return { classNames, places: found.map((name, place) => (asCounted ? place : (positions.get(name) ?? place))) };
}
