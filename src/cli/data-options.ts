import { Option, type Command } from 'commander';
import * as z from 'zod';

/** What DATA is, for the help of every command that takes some. */
export const DATA_HELP = `
DATA is one of
  digits.npz                    arrays named like the model's inputs, and "labels"
  images-idx3-ubyte             an IDX file; its labels beside it, or named after a comma: images,labels
  photos/                       a folder of PNG and JPEG images (or WAV sounds), one folder a class
  train.parquet                 images as Hugging Face stores them, or columns of numbers or texts
  iris.csv, iris.jsonl          columns of numbers or texts, and a column "label"
  speech.wav                    one recording, cut into pieces of the model's length
  digits.edgewise.yaml          the data section of a recipe
  random:200                    generated values, which prove speed only
Add ":500" to use at most 500 samples of it. Images are prepared as the model wants them: --size, --channels, --layout,
then values times --scale, minus --mean, divided by --deviation.`;

/** Options that say how raw values become the model's input. */
export function addInputOptions(command: Command): void {
  const options: readonly (readonly [string, string])[] = [
    ['--input <name>', "the model's input; default: its only one"],
    ['--layout <order>', 'NCHW, NHWC or as-is'],
    ['--size <height>x<width>', 'images are resized to it'],
    ['--channels <kind>', 'gray, rgb or bgr'],
    ['--scale <factor>', 'multiplies raw values first, as in 1/255'],
    ['--mean <values>', 'one number, or one a channel: 0.485,0.456,0.406'],
    ['--deviation <values>', 'one number, or one a channel'],
    ['--classes <names>', "class names in the order of the model's outputs, separated by commas"],
    ['--seed <number>', 'of all that is drawn: the split of --data, a part of a set, random values'],
  ];
  for (const [flags, description] of options) command.addOption(new Option(flags, description).helpGroup('Data:'));
}

/** The same, as they come from the command line. */
export const inputOptionsSchema = z.object({
  input: z.string().optional(),
  layout: z.string().optional(),
  size: z.string().optional(),
  channels: z.string().optional(),
  scale: z.string().optional(),
  mean: z.string().optional(),
  deviation: z.string().optional(),
  classes: z.string().optional(),
  seed: z.string().optional(),
});
