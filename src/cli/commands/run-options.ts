import { Option, type Command } from 'commander';
import * as z from 'zod';
import { repeated } from '../repeated';

/** Options of every verb that makes a model: what is said of one run, and not of what is made. */
export const runOptions = {
  recipe: z.string().optional(),
  output: z.string().optional(),
  overwrite: z.boolean().default(false),
  force: z.boolean().default(false),
  html: z.boolean().default(false),
  json: z.boolean().default(false),
};

export type RunOptions = z.infer<z.ZodObject<typeof runOptions>>;

export type Rows = readonly (readonly [string, string])[];

export const RECIPE: Rows = [['--recipe <file>', 'a recipe (edgewise.yaml), or a report, whose recipe is used again']];

export const RESULT: Rows = [
  ['--max-drop <points>', 'percentage points of accuracy that may be lost; when more are, no file is kept'],
  ['--max-size <bytes>', 'what the file may have at most, as in 200KB; when it has more, it is not kept'],
  [
    '--short-names',
    'numbers in place of names, but for inputs and outputs: smaller; tools no longer tell its layers apart',
  ],
  ['--output <file>', 'default: beside the model, numbered when the name is taken'],
  ['--overwrite', 'replace the output when it exists'],
  ['--force', 'keep the file although a target was missed'],
  ['--html', 'write the report as one HTML file, too'],
  ['--json', 'print the report as JSON'],
];

export function addRepeated(command: Command, heading: string, flags: string, description: string): void {
  command.addOption(new Option(flags, description).argParser(repeated).helpGroup(heading));
}

export function addGroup(command: Command, heading: string, options: Rows): void {
  for (const [flags, description] of options) command.addOption(new Option(flags, description).helpGroup(heading));
}
