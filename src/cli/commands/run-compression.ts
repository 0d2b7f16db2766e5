import { existsSync } from 'node:fs';
import path from 'node:path';
import { EdgewiseError } from '../../core/errors';
import { reportPageAssets } from '../../core/evaluation/report/page-file';
import { reportText } from '../../core/evaluation/report/text';
import { recipeFromFlags, type FlagOptions } from '../../core/recipe/from-flags';
import { readRecipe } from '../../core/recipe/read';
import { rebaseRecipe } from '../../core/recipe/rebase';
import type { Recipe } from '../../core/recipe/recipe.schema';
import type { CompressOutcome, CompressRequest } from '../../core/recipe/request';
import { compressModel } from '../../core/recipe/run';
import type { CliContext } from '../command';
import { EXIT } from '../exit-codes';
import { writeReportPage } from '../html-report';
import { jsonText } from '../json';
import { TrainingWatcher } from '../training-watcher';
import { compressOptionsSchema } from './compress-options';
import { runOptions, type RunOptions } from './run-options';

/** Compresses as options say, and prints what came of it: what `compress` and `quantize` do. */
export async function runCompression(words: readonly string[], given: unknown, context: CliContext): Promise<void> {
  const options = compressOptionsSchema.parse(given);
  await runRecipe(words[0], options, (recipe) => recipeFromFlags(options, recipe), context);
}

/**
 * Carries out the recipe that options make, and prints what came of it.
 * @param made makes it, of the one that `--recipe` names where there is one
 */
export async function runRecipe(
  model: string | undefined,
  options: RunOptions,
  made: (options: FlagOptions) => Recipe,
  context: CliContext,
): Promise<void> {
  const request = await requestOf(model, options, made);
  // Read first: nothing is made when a part of what was asked for cannot be.
  const assets = options.html ? await reportPageAssets(__dirname) : null;
  const watch = new TrainingWatcher(context);
  const outcome = await compressModel(request, watch.job, watch);
  const { report, reportPath } = outcome;
  const page = assets && reportPath && (await writeReportPage(report, reportPath, assets, options.overwrite));
  const folder = path.dirname(reportPath ?? request.output ?? request.model);
  printOutcome(outcome, { page, folder: path.relative(request.base, folder) }, options, context);
  if (outcome.missed !== null) process.exitCode = EXIT.targetMissed;
}

/** Flags that change a recipe file's recipe: with one of them, the file alone no longer says what was done. */
const RECIPE_FREE: readonly string[] = Object.keys(runOptions);

async function requestOf(
  model: string | undefined,
  options: RunOptions,
  made: (options: FlagOptions) => Recipe,
): Promise<CompressRequest> {
  const base = process.cwd();
  const written = options.recipe === undefined ? undefined : await recipeAt(options.recipe, base);
  const recipe = made({ isFile: existsSync, ...(written ? { recipe: written } : {}) });
  const changed = Object.keys(options).some((flag) => !RECIPE_FREE.includes(flag));
  const output = options.output ?? recipe.output;
  return {
    model: path.resolve(base, modelOf(model, recipe)),
    recipe,
    base,
    overwrite: options.overwrite,
    force: options.force,
    ...(output === undefined ? {} : { output: path.resolve(base, output) }),
    ...(options.recipe === undefined || changed ? {} : { recipeFile: path.resolve(base, options.recipe) }),
  };
}

async function recipeAt(file: string, base: string): Promise<Recipe> {
  const read = await readRecipe(file);
  return rebaseRecipe(read.recipe, read.base, base);
}

function modelOf(given: string | undefined, recipe: Recipe): string {
  const model = given ?? recipe.model;
  if (model === undefined)
    throw new EdgewiseError(
      'usage',
      'Name the model to compress, as in "edgewise compress digits.onnx --to int8-weights".',
    );
  return model;
}

function printOutcome(
  outcome: CompressOutcome,
  { page, folder }: { page: string | null; folder: string },
  options: RunOptions,
  context: CliContext,
): void {
  const { report, outputPath, reportPath, missed } = outcome;
  if (options.json) {
    context.print(jsonText({ ...report, output: outputPath }));
  } else {
    context.print(`${reportText(report, folder)}\n`);
    if (outputPath !== null) context.print(filesText([outputPath, reportPath, page]));
  }
  if (missed !== null) context.say(missedText(missed, outputPath));
}

function filesText(files: readonly (string | null)[]): string {
  return files
    .filter((file) => file !== null)
    .map((file) => `Wrote ${path.relative(process.cwd(), file)}`)
    .join('\n');
}

function missedText(missed: string, outputPath: string | null): string {
  return outputPath === null
    ? `${missed}, so no file was kept. Use --force to keep it.`
    : `${missed}; the file was kept all the same.`;
}
