import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EdgewiseError } from '../errors';
import { isReportFile, MAX_REPORT_BYTES, parseReport } from '../evaluation/report/read';
import { quoted, readingError } from '../formats/file-errors';
import { MAX_RECIPE_BYTES, parseRecipe } from './parse';
import type { Recipe } from './recipe.schema';

export interface RecipeFile {
  recipe: Recipe;
  /** Absolute: the folder that the recipe's paths are relative to. */
  base: string;
}

/** Endings by which a recipe is told from data. */
export function isRecipePath(file: string): boolean {
  return /\.ya?ml$/i.test(file) || isReportFile(file);
}

/**
 * Reads a recipe file, or the recipe that a report carries.
 * @throws EdgewiseError `not-found`, `not-a-file`, `permission`, `bad-recipe`
 */
export async function readRecipe(file: string): Promise<RecipeFile> {
  const text = await readSmallText(file);
  const base = path.dirname(path.resolve(file));
  const recipe = isReportFile(file) ? parseReport(text, file).recipe : parseRecipe(text, path.basename(file));
  return { recipe, base };
}

async function readSmallText(file: string): Promise<string> {
  try {
    const facts = await stat(file);
    if (facts.isFile() && facts.size > (isReportFile(file) ? MAX_REPORT_BYTES : MAX_RECIPE_BYTES))
      throw new EdgewiseError('bad-recipe', `${quoted(file)} is too large for a recipe. Check the path.`, { file });
    if (!facts.isFile()) throw directoryOrDevice(file);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw readingError(file, error);
  }
}

function directoryOrDevice(file: string): EdgewiseError {
  return new EdgewiseError('not-a-file', `${quoted(file)} is not a file. Name a recipe file.`, { file });
}
