import { complaintOf } from './complaint';
import { constantsFromFlags } from './constant-flags';
import { parseDataText } from './data-text';
import { bytesFlag, dropUndefined, namesFlag, numberFlag, usage } from './flag-values';
import type { DataFlags, RecipeFlags } from './flags';
import { inputFromFlags } from './input-flags';
import { learningSteps, type LearningFlags, type LearningVerb } from './learning-step';
import { recipeSchema, type DataSection, type Recipe } from './recipe.schema';
import { stepChanges, stepFromFlags } from './step-flags';
import { TARGET_NAMES } from './targets';

export interface FlagOptions {
  /** What the flags change; default: an empty recipe. */
  recipe?: Recipe;
  /** True for a path that exists, so that `images,labels` is told from a file with a comma in its name. */
  isFile?: (path: string) => boolean;
}

/**
 * Compiles flags to a recipe. Flags win over the recipe they are given with; `--to` and `--weights` replace its steps.
 * A recipe without steps has a target: a search finds the steps that meet it.
 * @throws EdgewiseError `usage`, naming the flag, what was given and what is allowed
 */
export function recipeFromFlags(flags: RecipeFlags, options: FlagOptions = {}): Recipe {
  const base = options.recipe ?? EMPTY;
  const target = { ...base.target, ...targetFromFlags(flags) };
  return recipeWith(stepsFromFlags(flags, base, target), flags, options);
}

/**
 * The same for the verbs `train`, `distil` and `student`.
 * @throws EdgewiseError `usage`
 */
export function learningRecipe(
  verb: LearningVerb,
  flags: LearningRecipeFlags & LearningFlags,
  options: FlagOptions = {},
): Recipe {
  return recipeWith(learningSteps(verb, flags, (options.recipe ?? EMPTY).steps), flags, options);
}

/** What flags say of a recipe beside its steps. */
export type LearningRecipeFlags = DataFlags & Pick<RecipeFlags, 'maxDrop' | 'maxSize' | 'target' | 'shortNames'>;

const EMPTY: Recipe = { version: 1, steps: [] };

function recipeWith(steps: readonly unknown[], flags: LearningRecipeFlags, options: FlagOptions): Recipe {
  const base = options.recipe ?? EMPTY;
  const target = { ...base.target, ...targetFromFlags(flags) };
  const data = dataFromFlags(flags, { ...options, ...(base.data ? { data: base.data } : {}) });
  return validated({
    ...base,
    ...(data === undefined ? {} : { data }),
    ...(Object.keys(target).length === 0 ? {} : { target }),
    ...(flags.shortNames === true ? { shortNames: true } : {}),
    steps,
  });
}

function stepsFromFlags(flags: RecipeFlags, base: Recipe, target: Recipe['target'] & object): unknown[] {
  const first = stepFromFlags(flags);
  const steps = first === null ? base.steps : [{ quantize: first }];
  const changes = stepChanges(flags);
  if (steps.length > 0)
    return steps.map((step) => (step.quantize ? { quantize: { ...step.quantize, ...changes } } : step));
  const searched = target.maxDrop !== undefined || target.maxSize !== undefined;
  if (!searched) throw usage(NOTHING_TO_MAKE);
  if (Object.keys(changes).length > 0)
    throw usage(
      'Options such as --encoding and --keep go with --weights or --to; without these, all of it is searched for.',
    );
  return [];
}

const NOTHING_TO_MAKE = `Say what to make with --to ${TARGET_NAMES.join('|')}, with --weights BITS, with --max-drop or --max-size, or with --recipe FILE.`;

function targetFromFlags(flags: LearningRecipeFlags): object {
  return dropUndefined({
    maxDrop: numberFlag('--max-drop', flags.maxDrop),
    maxSize: bytesFlag('--max-size', flags.maxSize),
    runtime: flags.target,
  });
}

/** The data section that flags describe, over one that is there already; undefined when there is neither. */
export function dataFromFlags(
  flags: DataFlags,
  options: { data?: DataSection; isFile?: (path: string) => boolean } = {},
): DataSection | undefined {
  const source = (text: string | undefined) => (text === undefined ? undefined : parseDataText(text, options.isFile));
  const given = dropUndefined({
    all: source(flags.data),
    train: source(flags.train),
    calibration: source(flags.calibration),
    test: source(flags.test),
    input: inputFromFlags(flags, options.data?.input),
    constants: constantsFromFlags(flags.constant, options.data?.constants),
    labels: flags.classes === undefined ? undefined : namesFlag(flags.classes),
    labelOffset: numberFlag('--label-offset', flags.labelOffset),
    alphabet: flags.alphabet,
    seed: numberFlag('--seed', flags.seed),
  });
  if (Object.keys(given).length === 0) return options.data;
  const data: unknown = { ...baseFor(flags, options.data), ...given };
  return validated({ version: 1, data, steps: [] }).data;
}

/** Data given by flags replace a recipe's: `--data` all its roles, a role's flag that role and the set for all. */
function baseFor(flags: DataFlags, data: DataSection | undefined): DataSection {
  const { all, train, calibration, test, ...rest } = data ?? {};
  if (flags.data !== undefined) return rest;
  const roles = dropUndefined({ train, calibration, test });
  const byRole = flags.train ?? flags.calibration ?? flags.test;
  return { ...rest, ...roles, ...(all !== undefined && byRole === undefined ? { all } : {}) };
}

function validated(recipe: unknown): Recipe {
  const result = recipeSchema.safeParse(recipe);
  if (result.success) return result.data;
  throw usage(`The flags do not make a recipe: ${complaintOf(result.error, recipe).sentence}.`);
}
