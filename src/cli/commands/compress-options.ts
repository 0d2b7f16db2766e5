import { Option, type Command } from 'commander';
import * as z from 'zod';
import { TARGET_NAMES } from '../../core/recipe/targets';
import { addInputOptions, inputOptionsSchema } from '../data-options';
import { repeated } from '../repeated';

/** Options of `compress`, as they come from the command line; their values are checked where the recipe is made. */
export const compressOptionsSchema = inputOptionsSchema.extend({
  to: z.string().optional(),
  recipe: z.string().optional(),
  keep: z.array(z.string()).optional(),
  granularity: z.string().optional(),
  samples: z.string().optional(),
  reduceRange: z.string().optional(),
  data: z.string().optional(),
  calibration: z.string().optional(),
  test: z.string().optional(),
  train: z.string().optional(),
  maxDrop: z.string().optional(),
  output: z.string().optional(),
  overwrite: z.boolean().default(false),
  force: z.boolean().default(false),
  html: z.boolean().default(false),
  json: z.boolean().default(false),
});

export type CompressOptions = z.infer<typeof compressOptionsSchema>;

const WHAT: readonly (readonly [string, string])[] = [
  ['--to <kind>', `${TARGET_NAMES.join(', ')}; int8 needs data`],
  ['--recipe <file>', 'a recipe (edgewise.yaml), or a report, whose recipe is used again'],
  ['--granularity <kind>', 'scales per channel or per tensor; default: channel'],
  ['--samples <number>', 'samples for calibration; default: 512'],
  ['--reduce-range <when>', 'yes, no or auto: 7-bit weights, for x86 processors without VNNI; default: auto'],
];

const DATA: readonly (readonly [string, string])[] = [
  ['--data <data>', 'one set, split by seed into calibration and test'],
  ['--calibration <data>', 'for activation ranges'],
  ['--test <data>', 'for the figures in the report; nothing is chosen on it'],
  ['--train <data>', 'kept in the recipe, for steps that train'],
];

const RESULT: readonly (readonly [string, string])[] = [
  ['--max-drop <points>', 'percentage points of accuracy that may be lost; when more are, no file is kept'],
  ['--output <file>', 'default: beside the model, numbered when the name is taken'],
  ['--overwrite', 'replace the output when it exists'],
  ['--force', 'keep the file although a target was missed'],
  ['--html', 'write the report as one HTML file, too'],
  ['--json', 'print the report as JSON'],
];

export function addCompressOptions(command: Command): void {
  addGroup(command, 'What to make:', WHAT);
  command.addOption(keepOption());
  addGroup(command, 'Data:', DATA);
  addInputOptions(command);
  addGroup(command, 'Result:', RESULT);
}

function keepOption(): Option {
  return new Option('--keep <layer>', 'a layer that stays as it is; can be given several times')
    .argParser(repeated)
    .helpGroup('What to make:');
}

function addGroup(command: Command, heading: string, options: readonly (readonly [string, string])[]): void {
  for (const [flags, description] of options) command.addOption(new Option(flags, description).helpGroup(heading));
}
