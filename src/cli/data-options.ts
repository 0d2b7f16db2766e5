import { Option, type Command } from 'commander';
import * as z from 'zod';
import { repeated } from './repeated';

/** What DATA is, for the help of every command that takes some. */
export const DATA_HELP = `
DATA is one of
  digits.npz                    arrays named like the model's inputs, and "labels"
  images-idx3-ubyte             an IDX file; its labels beside it, or named after a comma: images,labels
  photos/                       a folder of PNG and JPEG images (or WAV sounds), one folder a class
  train.parquet                 images as Hugging Face stores them (with boxes, too), or columns of numbers or texts
  boxes.json                    boxes for detectors, as COCO's, its images beside it
  iris.csv, iris.jsonl          columns of numbers or texts, and a column "label", or another: iris.csv#species
  speech.wav                    one recording, cut into pieces of the model's length
  digits.edgewise.yaml          the data section of a recipe
  random:200                    generated values, which prove speed only
Add ":500" to use at most 500 samples of it. Images are prepared as the model wants them: --size, --crop, --channels,
--layout, then values times --scale, minus --mean, divided by --deviation.`;

/** Options that say how raw values become the model's input. */
export function addInputOptions(command: Command): void {
  const options: readonly (readonly [string, string])[] = [
    ['--input <name>', "the model's input; default: its only one"],
    ['--layout <order>', 'NCHW, NHWC or as-is'],
    ['--size <height>x<width>', 'images are brought to it'],
    ['--crop <way>', 'how: stretch, center (its middle is cut out) or letterbox (all of it, padded); default: stretch'],
    ['--shorter-side <pixels>', 'with --crop center: what the shorter side has before, as in 256 for 224x224'],
    ['--pad <colour>', 'of what an image does not cover: one number of 0 to 255, or red,green,blue'],
    ['--channels <kind>', 'gray, rgb or bgr'],
    ['--scale <factor>', 'multiplies raw values first, as in 1/255'],
    ['--mean <values>', 'one number, or one a channel: 0.485,0.456,0.406'],
    ['--deviation <values>', 'one number, or one a channel'],
    ['--tokenizer <file>', 'texts: the tokenizer.json that makes numbers of them'],
    ['--max-length <tokens>', 'texts: tokens a sample; default: as the model takes, or 128'],
    ['--sample-rate <hertz>', 'sounds: they are resampled to it; default: 16000'],
    ['--mels <bands>', 'sounds: bands of a log-mel spectrogram; without it the model takes the waveform'],
    ['--window <samples>', 'sounds: of the spectrogram; default: 400'],
    ['--hop <samples>', 'sounds: from one window to the next; default: 160'],
    [
      '--classes <names>',
      "class names in the order of the model's outputs, separated by commas; \\\\, is a comma in a name",
    ],
    ['--label-offset <number>', "added to each label: 1 where the model's first class is background"],
    ['--alphabet <file>', 'characters that the model writes, one a line, where labels are texts'],
    ['--seed <number>', 'of all that is drawn: the split of --data, a part of a set, random values'],
  ];
  for (const [flags, description] of options) command.addOption(new Option(flags, description).helpGroup('Data:'));
  const column = new Option('--column <name>', 'tables: what the input is made of; can be given several times');
  command.addOption(column.argParser(repeated).helpGroup('Data:'));
  const constant = new Option(
    '--constant <name=number>',
    'an input that is the same for every sample, filled with a number: state=0, sr=16000; can be given several times',
  );
  command.addOption(constant.argParser(repeated).helpGroup('Data:'));
}

/** The same, as they come from the command line. */
export const inputOptionsSchema = z.object({
  input: z.string().optional(),
  layout: z.string().optional(),
  size: z.string().optional(),
  crop: z.string().optional(),
  shorterSide: z.string().optional(),
  pad: z.string().optional(),
  channels: z.string().optional(),
  scale: z.string().optional(),
  mean: z.string().optional(),
  deviation: z.string().optional(),
  column: z.array(z.string()).optional(),
  constant: z.array(z.string()).optional(),
  tokenizer: z.string().optional(),
  maxLength: z.string().optional(),
  sampleRate: z.string().optional(),
  mels: z.string().optional(),
  window: z.string().optional(),
  hop: z.string().optional(),
  classes: z.string().optional(),
  labelOffset: z.string().optional(),
  alphabet: z.string().optional(),
  seed: z.string().optional(),
});
