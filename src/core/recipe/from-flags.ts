import { EdgewiseError } from '../errors';
import { orList } from './allowed';
import { complaintOf } from './complaint';
import { parseDataText } from './data-text';
import { INPUT_FLAGS, type DataFlags, type RecipeFlags } from './flags';
import { recipeSchema, type DataSection, type Recipe } from './recipe.schema';
import { isTargetName, stepOf, TARGET_NAMES } from './targets';

export interface FlagOptions {
  /** What the flags change; default: an empty recipe. */
  recipe?: Recipe;
  /** True for a path that exists, so that `images,labels` is told from a file with a comma in its name. */
  isFile?: (path: string) => boolean;
}

/**
 * Compiles flags to a recipe. Flags win over the recipe they are given with; `--to` replaces its steps.
 * @throws EdgewiseError `usage`, naming the flag, what was given and what is allowed
 */
export function recipeFromFlags(flags: RecipeFlags, options: FlagOptions = {}): Recipe {
  const base = options.recipe ?? { version: 1, steps: [] };
  const steps = flags.to === undefined ? base.steps : [{ quantize: stepOf(targetName(flags.to)) }];
  const changes = quantizeChanges(flags);
  if (steps.length === 0) throw usage(`Say what to make with --to ${TARGET_NAMES.join('|')}, or with --recipe FILE.`);
  const data = dataFromFlags(flags, { ...options, ...(base.data ? { data: base.data } : {}) });
  const maxDrop = numberFlag('--max-drop', flags.maxDrop);
  return validated({
    ...base,
    ...(data === undefined ? {} : { data }),
    ...(maxDrop === undefined ? {} : { target: { ...base.target, maxDrop } }),
    steps: steps.map(({ quantize }) => ({ quantize: { ...quantize, ...changes } })),
  });
}

/** The data section that flags describe, over one that is there already; undefined when there is neither. */
export function dataFromFlags(
  flags: DataFlags,
  options: { data?: DataSection; isFile?: (path: string) => boolean } = {},
): DataSection | undefined {
  const source = (text: string | undefined) => (text === undefined ? undefined : parseDataText(text, options.isFile));
  const input = INPUT_FLAGS.some((flag) => flags[flag] !== undefined) ? inputFromFlags(flags) : undefined;
  const given = dropUndefined({
    all: source(flags.data),
    train: source(flags.train),
    calibration: source(flags.calibration),
    test: source(flags.test),
    input: input && { ...options.data?.input, ...input },
    labels: flags.classes?.split(','),
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

function inputFromFlags(flags: DataFlags): object {
  return dropUndefined({
    name: flags.input,
    layout: flags.layout,
    size: flags.size === undefined ? undefined : sizeFlag(flags.size),
    channels: flags.channels,
    scale: numberFlag('--scale', flags.scale),
    mean: listFlag('--mean', flags.mean),
    deviation: listFlag('--deviation', flags.deviation),
  });
}

function quantizeChanges(flags: RecipeFlags): object {
  return dropUndefined({
    keep: flags.keep,
    granularity: flags.granularity,
    samples: numberFlag('--samples', flags.samples),
    reduceRange: flags.reduceRange === undefined ? undefined : rangeFlag(flags.reduceRange),
  });
}

function targetName(name: string) {
  if (isTargetName(name)) return name;
  throw usage(`--to is '${name}'; use ${orList(TARGET_NAMES)}.`);
}

function sizeFlag(text: string): [number, number] {
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (!match) throw usage(`--size is '${text}'; give height and width, as in --size 224x224.`);
  return [Number(match[1]), Number(match[2])];
}

function rangeFlag(text: string): boolean | 'auto' {
  if (text === 'auto') return 'auto';
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw usage(`--reduce-range is '${text}'; use yes, no or auto.`);
}

function listFlag(flag: string, text: string | undefined): number | number[] | undefined {
  if (text === undefined || !text.includes(',')) return numberFlag(flag, text);
  return text.split(',').map((part) => numberFlag(flag, part) ?? 0);
}

/** A number, or a fraction of two ("1/255"). */
function numberFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = text.split('/');
  const [first, second] = parts.map((part) => (part.trim() === '' ? NaN : Number(part)));
  const value = (first ?? NaN) / (parts.length === 1 ? 1 : (second ?? NaN));
  if (parts.length > 2 || !Number.isFinite(value)) throw usage(`${flag} is '${text}'; give a number.`);
  return value;
}

function validated(recipe: unknown): Recipe {
  const result = recipeSchema.safeParse(recipe);
  if (result.success) return result.data;
  throw usage(`The flags do not make a recipe: ${complaintOf(result.error, recipe).sentence}.`);
}

function dropUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in value) {
    const one = value[key];
    if (isDefined(one)) kept[key] = one;
  }
  return kept;
}

function isDefined<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}

function usage(sentence: string): EdgewiseError {
  return new EdgewiseError('usage', sentence);
}
