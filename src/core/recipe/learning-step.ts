import { dropUndefined, numberFlag, usage } from './flag-values';
import { keyOf, type FlagValue, type LearningFlag } from './learning-flag';
import { AWARE_FLAGS, STUDENT_FLAGS, TEACHER_FLAGS, TRAIN_FLAGS } from './learning-flags';
import type { RecipeStep } from './recipe.schema';
import { distilSchema, trainSchema } from './train.schema';

/** Verbs whose steps are made of `LearningFlag`s. */
export const LEARNING_VERBS = ['train', 'distil', 'student'] as const;
export type LearningVerb = (typeof LEARNING_VERBS)[number];

/** Flags of such a verb, by the parser's names. */
export type LearningFlags = Readonly<Record<string, unknown>>;

/** The flags that each verb has beside data and result. */
export const FLAGS_OF: Readonly<Record<LearningVerb, readonly LearningFlag[]>> = {
  train: [...TRAIN_FLAGS, ...AWARE_FLAGS, ...TEACHER_FLAGS],
  distil: [...TEACHER_FLAGS, ...TRAIN_FLAGS, ...AWARE_FLAGS],
  student: STUDENT_FLAGS,
};

/**
 * The steps that flags make, or change: of a recipe that has steps, those that the verb is about.
 * @throws EdgewiseError `usage`
 */
export function learningSteps(verb: LearningVerb, flags: LearningFlags, given: readonly RecipeStep[]): unknown[] {
  if (given.length === 0) return [newStep(verb, flags)];
  const changed = given.map((step) => changedStep(verb, flags, step));
  if (changed.every((step, index) => step === given[index]) && Object.keys(changesOf(verb, flags)).length > 0)
    throw usage(`The recipe has no step that these flags change. Add a ${verb} step to it, or name no --recipe.`);
  return changed;
}

function newStep(verb: LearningVerb, flags: LearningFlags): object {
  const step = changesOf(verb, flags);
  if (verb === 'student') {
    if (Object.keys(step).length > 0) return { student: step };
    throw usage('Say how the student is smaller: --width 0.5, --depth 0.5, --rank 0.9 or --share.');
  }
  if (verb === 'distil' && !('teacher' in step))
    throw usage('Name who teaches with --teacher MODEL; --teacher self is the model as it was.');
  return 'teacher' in step ? { distil: step } : { train: step };
}

function changedStep(verb: LearningVerb, flags: LearningFlags, step: RecipeStep): unknown {
  const changes = changesOf(verb, flags);
  if (Object.keys(changes).length === 0) return step;
  if (verb === 'student') return step.student ? { student: { ...step.student, ...changes } } : step;
  const { train, distil } = step;
  const learned = train ?? distil;
  if (!learned) return step;
  const quantize = { ...learned.quantize, ...('quantize' in changes ? changes.quantize : {}) };
  const all = { ...learned, ...changes, ...(Object.keys(quantize).length > 0 ? { quantize } : {}) };
  return 'teacher' in all ? { distil: all } : { train: all };
}

function changesOf(verb: LearningVerb, flags: LearningFlags): { quantize?: object; teacher?: unknown } {
  if (verb === 'student') return fieldsOf(STUDENT_FLAGS, flags);
  const quantize = fieldsOf(AWARE_FLAGS, flags);
  const seed = flags.trainingSeed ?? flags.seed;
  return {
    ...fieldsOf([...TRAIN_FLAGS, ...TEACHER_FLAGS], flags),
    ...(typeof seed === 'string' ? { seed: numberFlag('--seed', seed) } : {}),
    ...(Object.keys(quantize).length > 0 ? { quantize } : {}),
  };
}

function fieldsOf(table: readonly LearningFlag[], flags: LearningFlags): Record<string, unknown> {
  return dropUndefined(
    Object.fromEntries(
      table.map((flag) => {
        const value = flags[keyOf(flag)];
        return [flag.field, isFlagValue(value) ? flag.read(value) : undefined];
      }),
    ),
  );
}

function isFlagValue(value: unknown): value is Exclude<FlagValue, undefined> {
  return typeof value === 'string' || typeof value === 'boolean' || Array.isArray(value);
}

/** The verb and the flags that make a step; null for one that another verb makes. @param seed of the data */
export function learningWords(step: RecipeStep, seed: number): { verb: LearningVerb; flags: string[] } | null {
  const { train, distil, student } = step;
  if (student) return { verb: 'student', flags: wordsOf(STUDENT_FLAGS, student, {}) };
  const learned = train ?? distil;
  if (!learned) return null;
  const { quantize, ...rest } = learned;
  const usual = distil ? distilSchema.parse({ teacher: '' }) : trainSchema.parse({});
  const flags = [
    ...(distil ? wordsOf(TEACHER_FLAGS, rest, usual) : []),
    ...(quantize ? awareWords(quantize) : []),
    ...wordsOf(TRAIN_FLAGS, rest, { ...usual, seed }),
  ];
  return { verb: distil ? 'distil' : 'train', flags };
}

/** Without anything else to say, floats are named: otherwise the step would not be there. */
function awareWords(quantize: object): string[] {
  const usual = trainSchema.parse({ quantize: {} }).quantize ?? {};
  const words = wordsOf(AWARE_FLAGS, quantize, usual);
  return words.length > 0 ? words : ['--activations', 'float'];
}

function wordsOf(table: readonly LearningFlag[], step: object, usual: object): string[] {
  const [values, defaults] = [new Map(Object.entries(step)), new Map(Object.entries(usual))];
  return table.flatMap((flag) => {
    const value: unknown = values.get(flag.field);
    const same = JSON.stringify(value) === JSON.stringify(defaults.get(flag.field));
    return value === undefined || same ? [] : flag.write(value);
  });
}
