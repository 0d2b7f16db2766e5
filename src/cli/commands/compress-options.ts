import type { Command } from 'commander';
import * as z from 'zod';
import { REPAIRS } from '../../core/recipe/recipe.schema';
import { PROFILE_NAMES } from '../../core/recipe/target-profiles';
import { TARGET_NAMES } from '../../core/recipe/targets';
import { addInputOptions, inputOptionsSchema } from '../data-options';
import { addGroup, addRepeated, RECIPE, RESULT, runOptions, type Rows } from './run-options';

/** Options of `compress` and `quantize`, as they come; their values are checked where the recipe is made. */
export const compressOptionsSchema = inputOptionsSchema.extend({
  to: z.string().optional(),
  weights: z.string().optional(),
  encoding: z.string().optional(),
  granularity: z.string().optional(),
  block: z.string().optional(),
  group: z.string().optional(),
  scales: z.string().optional(),
  asymmetric: z.boolean().optional(),
  symmetric: z.boolean().optional(),
  sparsity: z.string().optional(),
  activations: z.string().optional(),
  ranges: z.string().optional(),
  store: z.string().optional(),
  compute: z.string().optional(),
  ends: z.string().optional(),
  repair: z.array(z.string()).optional(),
  keep: z.array(z.string()).optional(),
  samples: z.string().optional(),
  reduceRange: z.string().optional(),
  layer: z.array(z.string()).optional(),
  data: z.string().optional(),
  calibration: z.string().optional(),
  test: z.string().optional(),
  train: z.string().optional(),
  maxDrop: z.string().optional(),
  maxSize: z.string().optional(),
  target: z.string().optional(),
  shortNames: z.boolean().optional(),
  ...runOptions,
});

const KIND: Rows = [['--to <kind>', `${TARGET_NAMES.join(', ')}; int8 needs data`]];

const WEIGHTS: Rows = [
  ['--weights <bits>', '8, 6, 5, 4, 3, 2 or 1; or float16, bfloat16, float32'],
  ['--encoding <kind>', 'affine: codes times a scale; palette: codes that choose from a table; default: affine'],
  ['--granularity <kind>', 'what shares a scale: tensor, channel or block; or a palette: tensor or group'],
  ['--block <elements>', 'elements that share a scale, 16 to 256; default: 32'],
  ['--group <channels>', 'output channels that share a palette; default: 16'],
  ['--scales <choice>', 'minmax, mse or percentile; default: minmax for 8 bits, mse below'],
  ['--asymmetric', 'a zero point beside each scale'],
  ['--symmetric', 'none, whatever a recipe says; the default'],
  ['--sparsity <share>', 'share of the smallest weights that become zero and are not stored, as in 0.5'],
];

const ACTIVATIONS: Rows = [
  ['--activations <bits>', 'float, 8 or 16, which need data, or dynamic, for transformers; default: float'],
  ['--ranges <method>', 'minmax, moving-average, percentile, entropy or mse; default: minmax'],
  ['--samples <number>', 'samples for calibration; default: 512'],
  ['--reduce-range <when>', 'yes, no or auto: 7-bit weights, for x86 processors without VNNI; default: auto'],
];

const PLACE: Rows = [
  ['--store <form>', "native: the format's operators; unpacking: standard operators, run once at loading; smallest"],
  ['--compute <type>', 'float32 or float16, which is for GPUs and goes with --weights float16; default: float32'],
  [
    '--ends <type>',
    'what a float16 model takes and gives: float32, by a conversion at each end, or float16; default: float32',
  ],
  ['--target <place>', `where it is to run: ${PROFILE_NAMES.join(', ')}`],
];

const DATA: Rows = [
  ['--data <data>', 'one set, split by seed into calibration and test'],
  ['--calibration <data>', 'for activation ranges'],
  ['--test <data>', 'for the figures in the report; nothing is chosen on it'],
  ['--train <data>', 'for steps that train, of a recipe'],
];

/** All of them, or those that say nothing of a kind of compression: `quantize` names bits. */
export function addCompressOptions(command: Command, { kinds }: { kinds: boolean }): void {
  addGroup(command, 'What to make:', kinds ? [...KIND, ...RECIPE] : RECIPE);
  addGroup(command, 'Weights:', WEIGHTS);
  addRepeated(command, 'Weights:', '--keep <layer>', KEEP_HELP);
  addRepeated(command, 'Weights:', '--layer <options:layer>', LAYER_HELP);
  addRepeated(command, 'Weights:', '--repair <name>', REPAIR_HELP);
  addGroup(command, 'Activations:', ACTIVATIONS);
  addGroup(command, 'Where it runs:', PLACE);
  addGroup(command, 'Data:', DATA);
  addInputOptions(command);
  addGroup(command, 'Result:', RESULT);
}

const KEEP_HELP =
  'a layer that stays as it is, an operator ("Conv"), a pattern ("/^head/"), first or last; can be given several times';
const LAYER_HELP =
  'options of its own for a layer, an operator or a pattern, as in weights=4,granularity=tensor:conv1; can be given several times';
const REPAIR_HELP = `wins accuracy back without training: ${REPAIRS.join(', ')}; can be given several times`;
