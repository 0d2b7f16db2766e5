import { existsSync } from 'node:fs';
import path from 'node:path';
import { Option } from 'commander';
import * as z from 'zod';
import { EdgewiseError } from '../../core/errors';
import { measurementText } from '../../core/evaluation/report/text';
import { evaluateModel } from '../../core/recipe/evaluate';
import { dataFromFlags } from '../../core/recipe/from-flags';
import { isRecipePath, readRecipe } from '../../core/recipe/read';
import { rebaseRecipe } from '../../core/recipe/rebase';
import type { DataSection } from '../../core/recipe/recipe.schema';
import type { CliCommand } from '../command';
import { addInputOptions, DATA_HELP, inputOptionsSchema } from '../data-options';
import { jsonText } from '../json';
import { repeated } from '../repeated';

const optionsSchema = inputOptionsSchema.extend({
  data: z.string(),
  metric: z.array(z.string()).default([]),
  json: z.boolean().default(false),
});

export const evaluate: CliCommand = {
  name: 'evaluate',
  summary: 'measure a model: accuracy, latency, size',
  declare(command) {
    command
      .description('Measures a model on data: accuracy with its interval, latency with its spread, size.')
      .argument('<model>', 'a .onnx file')
      .addOption(new Option('--data <data>', 'what to measure on').makeOptionMandatory().helpGroup('Data:'))
      .addOption(
        new Option('--metric <module>', 'a metric of your own: a .mjs file; may be repeated').argParser(repeated),
      )
      .option('--json', 'print the measurement as JSON')
      .addHelpText('after', EXAMPLES + DATA_HELP);
    addInputOptions(command);
  },
  async run([model = ''], given, { job, print }) {
    const options = optionsSchema.parse(given);
    const base = process.cwd();
    const data = await dataOf(options, base);
    const metrics = options.metric.map((file) => path.resolve(base, file));
    const measurement = await evaluateModel({ model: path.resolve(base, model), data, base, metrics }, job);
    print(options.json ? jsonText(measurement) : measurementText(measurement));
  },
};

async function dataOf(options: z.infer<typeof optionsSchema>, base: string): Promise<DataSection> {
  const { data: text, metric: _metric, ...input } = options;
  if (!isRecipePath(text)) return dataFromFlags(options, { isFile: existsSync }) ?? {};
  const read = await readRecipe(text);
  const section = rebaseRecipe(read.recipe, read.base, base).data;
  if (section === undefined)
    throw new EdgewiseError(
      'bad-recipe',
      `${path.basename(text)} has no data section; add one, or name the data itself.`,
    );
  return dataFromFlags(input, { data: section }) ?? section;
}

const EXAMPLES = `
Examples:
  $ edgewise evaluate digits.int8.onnx --data test.npz
  $ edgewise evaluate digits.onnx --data edgewise.yaml
  $ edgewise evaluate pets.onnx --data photos/ --size 224x224 --scale 1/255 --json
`;
