import path from 'node:path';
import { mapPaths } from './data-text';
import type { DataSection, Recipe } from './recipe.schema';

/** A path that was relative to `from`, relative to `to`, with forward slashes; absolute only across drives. */
export function rebasePath(file: string, from: string, to: string): string {
  const relative = path.relative(to, path.resolve(from, file));
  return (relative === '' ? '.' : relative).split(path.sep).join('/');
}

/** The recipe with its paths relative to another folder, so that a report can stand beside the model it tells of. */
export function rebaseRecipe(recipe: Recipe, from: string, to: string): Recipe {
  const change = (file: string): string => rebasePath(file, from, to);
  return {
    ...recipe,
    ...(recipe.model === undefined ? {} : { model: change(recipe.model) }),
    ...(recipe.data === undefined ? {} : { data: rebaseData(recipe.data, change) }),
    ...(recipe.output === undefined ? {} : { output: change(recipe.output) }),
  };
}

function rebaseData(data: DataSection, change: (file: string) => string): DataSection {
  const { all, train, calibration, test, input, alphabet } = data;
  const tokenizer = input?.tokenizer;
  return {
    ...data,
    ...(tokenizer === undefined ? {} : { input: { ...input, tokenizer: change(tokenizer) } }),
    ...(alphabet === undefined ? {} : { alphabet: change(alphabet) }),
    ...(all === undefined ? {} : { all: mapPaths(all, change) }),
    ...(train === undefined ? {} : { train: mapPaths(train, change) }),
    ...(calibration === undefined ? {} : { calibration: mapPaths(calibration, change) }),
    ...(test === undefined ? {} : { test: mapPaths(test, change) }),
  };
}
