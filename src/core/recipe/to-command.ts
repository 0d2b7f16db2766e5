import { flagsOfConstants } from './constant-flags';
import { dataText } from './data-text';
import { bytesText, namesText } from './flag-values';
import { flagsOfInput } from './input-flags';
import { learningWords } from './learning-step';
import type { DataSection, Recipe, RecipeStep } from './recipe.schema';
import { shellCommand } from './shell-quote';
import { flagsOfStep } from './step-flags';

/** Of steps that train, where data name none. */
const DEFAULT_SEED = 1;

export interface CommandOptions {
  /** A file with the same recipe (a recipe file, or a report): named instead of flags that cannot say it all. */
  recipeFile?: string;
  /** Name it even where flags could say it all. */
  preferFile?: boolean;
  output?: string;
}

/**
 * The command line that does what a recipe says, quoted for the shell. Paths are as they are in the recipe: relative
 * ones hold in the folder that the recipe is relative to.
 * @returns null when flags cannot say it and no recipe file is given
 */
export function compressCommand(model: string, recipe: Recipe, options: CommandOptions = {}): string | null {
  const flags = options.preferFile && options.recipeFile !== undefined ? null : recipeFlags(recipe);
  const how = flags ?? (options.recipeFile === undefined ? null : ['--recipe', asPath(options.recipeFile)]);
  if (how === null) return null;
  const to = options.output ?? (flags === null ? undefined : recipe.output);
  const output = to === undefined ? [] : ['--output', asPath(to)];
  const verb = flags === null ? 'compress' : verbOf(recipe);
  return shellCommand(['edgewise', verb, asPath(model), ...how, ...output]);
}

/**
 * The command line that measures a model on a data section's test set; null where there is none.
 */
export function evaluateCommand(model: string, data: DataSection | undefined): string | null {
  const source = data?.test ?? data?.all;
  if (source === undefined) return null;
  const { train: _train, calibration: _calibration, test: _test, ...rest } = data ?? {};
  const flags = dataFlags({ ...rest, all: source });
  return shellCommand(['edgewise', 'evaluate', asPath(model), ...flags]);
}

function recipeFlags(recipe: Recipe): string[] | null {
  const [step, second] = recipe.steps;
  if (second) return null;
  const what = step === undefined ? [] : wordsOfStep(step, recipe);
  const data = dataFlags(recipe.data ?? {});
  const targets = targetFlags(recipe.target ?? {});
  if (step === undefined && targets.length === 0) return null;
  // What is made comes first, and its details after the data, where they do not hide it.
  const names = recipe.shortNames === true ? ['--short-names'] : [];
  const first = step?.quantize === undefined ? 0 : 2;
  return [...what.slice(0, first), ...data, ...what.slice(first), ...targets, ...names];
}

function verbOf({ steps: [step], data }: Recipe): string {
  return (step && learningWords(step, data?.seed ?? DEFAULT_SEED)?.verb) ?? 'compress';
}

function wordsOfStep(step: RecipeStep, { data }: Recipe): string[] {
  if (step.quantize) return flagsOfStep(step.quantize);
  return learningWords(step, data?.seed ?? DEFAULT_SEED)?.flags ?? [];
}

function targetFlags({ maxDrop, maxSize, runtime }: NonNullable<Recipe['target']>): string[] {
  return [
    ...(maxDrop === undefined ? [] : ['--max-drop', String(maxDrop)]),
    ...(maxSize === undefined ? [] : ['--max-size', bytesText(maxSize)]),
    ...(runtime === undefined ? [] : ['--target', runtime]),
  ];
}

function dataFlags(data: DataSection): string[] {
  const roles = [
    ['--data', data.all],
    ['--train', data.train],
    ['--calibration', data.calibration],
    ['--test', data.test],
  ] as const;
  return [
    ...roles.flatMap(([flag, source]) => (source === undefined ? [] : [flag, dataText(source)])),
    ...flagsOfInput(data.input ?? {}),
    ...flagsOfConstants(data.constants ?? {}),
    ...(data.labels === undefined ? [] : ['--classes', namesText(data.labels)]),
    ...(data.labelOffset === undefined ? [] : ['--label-offset', String(data.labelOffset)]),
    ...(data.alphabet === undefined ? [] : ['--alphabet', data.alphabet]),
    ...(data.seed === undefined ? [] : ['--seed', String(data.seed)]),
  ];
}

/** A name that begins with a dash would be read as a flag. */
function asPath(file: string): string {
  return file.startsWith('-') ? `./${file}` : file;
}
