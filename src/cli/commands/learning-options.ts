import type { Command } from 'commander';
import * as z from 'zod';
import { fieldHelp } from '../../core/recipe/field-help';
import { keyOf, type LearningFlag } from '../../core/recipe/learning-flag';
import { AWARE_FLAGS, STUDENT_FLAGS, TEACHER_FLAGS, TRAIN_FLAGS } from '../../core/recipe/learning-flags';
import { FLAGS_OF, type LearningVerb } from '../../core/recipe/learning-step';
import type { RecipePath } from '../../core/recipe/allowed';
import { PROFILE_NAMES } from '../../core/recipe/target-profiles';
import { addInputOptions, inputOptionsSchema } from '../data-options';
import { addGroup, addRepeated, RECIPE, RESULT, runOptions, type Rows } from './run-options';

const dataOptions = inputOptionsSchema.extend({
  data: z.string().optional(),
  train: z.string().optional(),
  unlabelled: z.string().optional(),
  calibration: z.string().optional(),
  test: z.string().optional(),
  maxDrop: z.string().optional(),
  maxSize: z.string().optional(),
  target: z.string().optional(),
  shortNames: z.boolean().optional(),
  ...runOptions,
});

/** Options of a verb that trains, as they come: its own are checked where the recipe is made. */
export function learningOptionsSchema(verb: LearningVerb) {
  const own = FLAGS_OF[verb].map((flag): [string, z.ZodType<string | string[] | boolean | undefined>] => [
    keyOf(flag),
    flag.several
      ? z.array(z.string()).optional()
      : flag.value === null
        ? z.boolean().optional()
        : z.string().optional(),
  ]);
  return dataOptions.and(z.object(Object.fromEntries(own)));
}

interface Group {
  readonly heading: string;
  readonly flags: readonly LearningFlag[];
  /** Where the recipe's schema says what they are. */
  readonly path: RecipePath;
}

const TRAIN: Group = { heading: 'Training:', flags: TRAIN_FLAGS, path: ['steps', 0, 'train'] };
const AWARE: Group = {
  heading: 'Weights and activations:',
  flags: AWARE_FLAGS,
  path: ['steps', 0, 'train', 'quantize'],
};
const TEACHER: Group = { heading: 'Teacher:', flags: TEACHER_FLAGS, path: ['steps', 0, 'distil'] };
const STUDENT: Group = { heading: 'Student:', flags: STUDENT_FLAGS, path: ['steps', 0, 'student'] };

const GROUPS: Readonly<Record<LearningVerb, readonly Group[]>> = {
  train: [TRAIN, AWARE, TEACHER],
  distil: [TEACHER, TRAIN, AWARE],
  student: [STUDENT],
};

const DATA: Rows = [
  ['--data <data>', 'one set, split by seed into what is trained on and what is tested on; the split is printed'],
  ['--train <data>', 'what is trained on; a tenth of it chooses the best weights'],
  ['--calibration <data>', 'for ranges of activations; default: a part of what is trained on'],
  ['--test <data>', 'for the figures in the report; nothing is chosen on it'],
];

const UNLABELLED: Rows = [['--unlabelled <data>', 'the same as --train: a teacher needs no labels']];

const PLACE: Rows = [['--target <place>', `where it is to run: ${PROFILE_NAMES.join(', ')}`]];

export function addLearningOptions(command: Command, verb: LearningVerb): void {
  addGroup(command, 'What to make:', RECIPE);
  for (const group of GROUPS[verb]) for (const flag of group.flags) addFlag(command, flag, group);
  addGroup(command, 'Data:', verb === 'distil' ? [...DATA, ...UNLABELLED] : DATA);
  addInputOptions(command);
  addGroup(command, 'Where it runs:', PLACE);
  addGroup(command, 'Result:', RESULT);
}

function addFlag(command: Command, flag: LearningFlag, { heading, path }: Group): void {
  const { name, value, several, negatable, help = fieldHelp([...path, flag.field]) } = flag;
  if (several) {
    addRepeated(command, heading, `--${name} <${value ?? ''}>`, `${help}; can be given several times`);
    return;
  }
  addGroup(command, heading, [[value === null ? `--${name}` : `--${name} <${value}>`, help]]);
  if (negatable) addGroup(command, heading, [[`--no-${name}`, `without, whatever a recipe says`]]);
}
