import path from 'node:path';
import { Option } from 'commander';
import * as z from 'zod';
import { summarize } from '../../core/analysis/summary';
import { readModel } from '../../core/formats';
import type { CliCommand } from '../command';
import { parseDims } from '../dims';
import { jsonText } from '../json';
import { repeated } from '../repeated';
import { summaryText } from '../summary-text';

const optionsSchema = z.object({ json: z.boolean().default(false), dim: z.array(z.string()).default([]) });

export const inspect: CliCommand = {
  name: 'inspect',
  summary: 'show what is in a model: layers, parameters, bytes, MACs',
  declare(command) {
    command
      .description(
        'Shows what is in a model, layer by layer. Only the structure is read, whatever the size of the file.',
      )
      .argument('<model>', 'a .onnx file')
      .addOption(new Option('--dim <name=value>', 'the value of a symbolic dimension').argParser(repeated))
      .option('--json', 'print everything as JSON')
      .addHelpText('after', EXAMPLES);
  },
  async run([model = ''], given, { print }) {
    const options = optionsSchema.parse(given);
    const dims = parseDims(options.dim);
    const summary = summarize(await readModel(model), { dims });
    print(options.json ? jsonText(summary) : summaryText(path.basename(model), summary));
  },
};

const EXAMPLES = `
Examples:
  $ edgewise inspect digits.onnx
  $ edgewise inspect bert.onnx --dim batch=1 --dim sequence=128
  $ edgewise inspect digits.onnx --json | jq '.layers[] | {name, parameters}'

1 KB is 1000 bytes. MACs are multiplications with an addition, for one sample. A dash is a figure that is unknown.`;
