import * as z from 'zod';
import { studentSchema } from './student.schema';
import { distilSchema, trainSchema } from './train.schema';

/** Ways to bring a picture to the model's size. */
export const CROPS = ['stretch', 'center', 'letterbox'] as const;

/** How one input is made from what a data set holds. */
export const inputSchema = z
  .object({
    name: z.string().describe("The model's input. Default: its only one.").optional(),
    layout: z.enum(['NCHW', 'NHWC', 'as-is']).describe('Order of the dimensions that the model takes.').optional(),
    size: z
      .tuple([z.number().int().positive(), z.number().int().positive()])
      .describe('Height and width of the pictures that the model takes. Default: as its input says.')
      .optional(),
    crop: z
      .enum(CROPS)
      .describe(
        'How a picture of another shape comes to that size: "stretch" changes its shape, "center" cuts its middle out, "letterbox" keeps all of it and pads. Default: stretch.',
      )
      .optional(),
    shorterSide: z
      .number()
      .int()
      .positive()
      .max(16_384)
      .describe(
        'With crop: center, pixels that the shorter side has before the middle is cut out: 256 for 224x224 with most networks for ImageNet. Default: just enough to fill the size.',
      )
      .optional(),
    pad: z
      .union([z.number().int().min(0).max(255), z.array(z.number().int().min(0).max(255)).length(3)])
      .describe(
        'Colour, 0 to 255, of what a picture does not cover: one number, or red, green and blue. Default: 114 with letterbox, 0 otherwise.',
      )
      .optional(),
    channels: z.enum(['gray', 'rgb', 'bgr']).describe('Colours of a picture, and their order.').optional(),
    scale: z
      .number()
      .describe('Multiplies raw values first; bytes of pictures are 0 to 255. Default: 1/255 for bytes, 1 otherwise.')
      .optional(),
    mean: z
      .union([z.number(), z.array(z.number())])
      .describe('Subtracted from scaled values: one number, or one a channel, in the order of channels.')
      .optional(),
    deviation: z
      .union([z.number(), z.array(z.number())])
      .describe('Divides what is left: one number, or one a channel, in the order of channels.')
      .optional(),
    column: z
      .union([z.string(), z.array(z.string()).min(1)])
      .describe(
        'Tables (Parquet, CSV, JSON lines): the column that it is made of, or several. Default: found by name and kind.',
      )
      .optional(),
    tokenizer: z
      .string()
      .describe('Text: the tokenizer.json that makes input_ids, attention_mask and token_type_ids of it.')
      .optional(),
    maxLength: z
      .number()
      .int()
      .positive()
      .max(100_000)
      .describe(
        'Text: tokens a sample; shorter ones are padded, longer ones cut. Default: what the model takes, or 128.',
      )
      .optional(),
    audio: z
      .object({
        rate: z
          .number()
          .int()
          .min(1000)
          .max(192_000)
          .describe('Samples a second; sound is resampled to it. Default: 16000.')
          .optional(),
        mels: z
          .number()
          .int()
          .min(1)
          .max(512)
          .describe('Bands of a log-mel spectrogram; without it the model takes the waveform.')
          .optional(),
        window: z
          .number()
          .int()
          .min(16)
          .max(16_384)
          .describe('Samples a window of the spectrogram. Default: 400.')
          .optional(),
        hop: z
          .number()
          .int()
          .min(1)
          .max(16_384)
          .describe('Samples from one window to the next. Default: 160.')
          .optional(),
      })
      .strict()
      .describe('Sound: how a waveform becomes the input.')
      .optional(),
  })
  .strict();

export const dataSourceSchema = z.union([
  z.string(),
  z
    .object({
      path: z
        .string()
        .describe("A file or folder, relative to the recipe's: .npz, IDX, Parquet, CSV, JSON lines, images, sounds."),
      labels: z.string().describe("IDX: the labels' file, when it is not the usual neighbour.").optional(),
      label: z
        .string()
        .describe('Tables: the column of labels. Default: label, labels, class, target or y.')
        .optional(),
      limit: z.number().int().positive().describe('Use at most this many samples.').optional(),
    })
    .strict(),
  z
    .object({ random: z.number().int().positive().describe('So many generated samples: they prove speed only.') })
    .strict(),
]);

export const dataSchema = z
  .object({
    all: dataSourceSchema.describe('One set for every role: it is split by seed.').optional(),
    train: dataSourceSchema.describe('For steps that train.').optional(),
    calibration: dataSourceSchema
      .describe('For ranges of activations, and for repairs; labels are not needed.')
      .optional(),
    test: dataSourceSchema.describe('For the figures in the report; nothing is chosen on it.').optional(),
    input: inputSchema.describe("How the model's input is made of what the data hold.").optional(),
    constants: z
      .record(z.string(), z.number())
      .describe(
        'Inputs that are the same for every sample, as states and rates are: the number that each is filled with.',
      )
      .optional(),
    labels: z.array(z.string()).min(1).describe("Class names in the order of the model's outputs.").optional(),
    labelOffset: z
      .number()
      .int()
      .describe('Added to each label: 1 where the model\'s first class is "background" and the data\'s is not.')
      .optional(),
    alphabet: z
      .string()
      .describe(
        'A text file of characters, one a line, where labels are texts and the model gives one of them a step (CTC, blank first).',
      )
      .optional(),
    seed: z
      .number()
      .int()
      .describe('Of all that is drawn: splits, parts of a set, random values. Default: 1.')
      .optional(),
  })
  .strict();

const weightsSchema = z
  .enum(['float32', 'float16', 'bfloat16', 'int8', 'int6', 'int5', 'int4', 'int3', 'int2', 'int1'])
  .describe('What weights are stored as. Integers by their bits; with a palette, the bits of its codes.');

/** How weights are encoded, for a whole model or for some of its layers. */
const weightOptions = {
  encoding: z
    .enum(['affine', 'palette'])
    .describe('palette: codes that stand for values of a table. Default: affine, and palette for 6, 5 and 1 bits.')
    .optional(),
  granularity: z
    .enum(['channel', 'tensor', 'block', 'group'])
    .describe(
      'Scales: for each output channel, the tensor, or blocks of a channel. Palettes: one a tensor, or a group.',
    ),
  block: z
    .number()
    .int()
    .min(16)
    .max(256)
    .describe('Elements that share a scale, with granularity: block. Default: 32.')
    .optional(),
  group: z
    .number()
    .int()
    .positive()
    .describe('Output channels that share a palette, with granularity: group. Default: 16.')
    .optional(),
  scales: z
    .enum(['minmax', 'mse', 'percentile'])
    .describe('How scales are chosen. Default: minmax for 8 bits, mse below.')
    .optional(),
  symmetric: z.boolean().describe('False: a zero point of its own for each scale. Default: true.').optional(),
  sparsity: z
    .number()
    .min(0)
    .lt(1)
    .describe('Share of the smallest weights that become zero and are not stored. Default: 0.')
    .optional(),
};

/** Some layers' own options, where they differ. */
export const overrideSchema = z
  .object({
    layers: z
      .array(z.string())
      .min(1)
      .describe('The layers: names, operators ("Conv"), or regular expressions ("/^head/"); first, last.'),
    weights: weightsSchema.optional(),
    ...weightOptions,
    granularity: weightOptions.granularity.optional(),
  })
  .strict();

export const REPAIRS = [
  'fold',
  'equalize',
  'rotate',
  'smooth',
  'awq',
  'gptq',
  'adaptive-rounding',
  'bias-correction',
] as const;

export const quantizeSchema = z
  .object({
    weights: weightsSchema,
    activations: z
      .enum(['float32', 'uint8', 'uint16', 'dynamic'])
      .describe(
        'float32: left as floats. uint8, uint16: integers, calibrated on data. dynamic: ranges found at each run, for transformers.',
      )
      .default('float32'),
    ...weightOptions,
    granularity: weightOptions.granularity.default('channel'),
    keep: z
      .array(z.string())
      .describe(
        'Layers that stay as they are: names, operators ("Conv"), or regular expressions ("/^head/"); first, last.',
      )
      .default([]),
    overrides: z
      .array(overrideSchema)
      .describe('Layers with options of their own; the first that names a layer counts.')
      .optional(),
    repair: z.array(z.enum(REPAIRS)).describe('Passes that win accuracy back without training.').optional(),
    ranges: z
      .enum(['minmax', 'moving-average', 'percentile', 'entropy', 'mse'])
      .describe('How ranges of activations are found. Default: minmax.')
      .optional(),
    store: z
      .enum(['native', 'unpacking', 'smallest'])
      .describe(
        "What the file holds: the format's own operators, standard ones that unpack when it is loaded, or the smaller.",
      )
      .optional(),
    compute: z
      .enum(['float32', 'float16'])
      .describe('float16: arithmetic in half precision, for GPUs; with float16 weights only.')
      .optional(),
    ends: z
      .enum(['float32', 'float16'])
      .describe(
        'What a model that computes in float16 takes and gives: float32, by a conversion at each end, or float16. Default: float32.',
      )
      .optional(),
    samples: z.number().int().positive().describe('Samples for calibration. Default: 512.').default(512),
    reduceRange: z
      .union([z.boolean(), z.literal('auto')])
      .describe('7 bits for weights, for x86 processors without VNNI. auto asks the processor.')
      .default('auto'),
  })
  .strict();

export const stepSchema = z
  .object({
    quantize: quantizeSchema
      .describe('Stores weights in fewer bits, and computes in integers where activations are.')
      .optional(),
    train: trainSchema
      .describe('Trains the model further on labelled data, also with weights and activations of few bits.')
      .optional(),
    distil: distilSchema.describe('Trains the model to answer like another; labels are not needed.').optional(),
    student: studentSchema
      .describe('Makes a smaller network of the model, which begins with what it takes from it.')
      .optional(),
  })
  .strict()
  .refine((step) => Object.keys(step).length === 1, {
    message: 'A step is one of quantize, train, distil and student.',
  });

export const recipeSchema = z
  .object({
    version: z.literal(1).describe('Of the form that recipes have.'),
    model: z.string().describe("The model to compress, relative to the recipe's file.").optional(),
    data: dataSchema.describe('Samples to calibrate with and to measure on, and how they become inputs.').optional(),
    target: z
      .object({
        maxDrop: z.number().nonnegative().describe('Percentage points that the metric may drop.').optional(),
        maxSize: z.number().int().positive().describe('Bytes that the file may have at most.').optional(),
        runtime: z
          .enum(['ort-x64', 'ort-arm64', 'ort-web', 'tflite', 'coreml', 'micro'])
          .describe(
            'Where the model is to run: decides operators, bits and encodings. Default: ort-x64 or ort-arm64, as here.',
          )
          .optional(),
      })
      .strict()
      .describe('What the result has to be; without steps, they are searched for until it is met.')
      .optional(),
    steps: z.array(stepSchema).describe('What is done to the model, one after the other.').default([]),
    shortNames: z
      .boolean()
      .describe(
        'Numbers in place of names, but for those of inputs and outputs: a smaller file, in which tools no longer tell layers apart.',
      )
      .optional(),
    output: z
      .string()
      .describe("The file to write, relative to the recipe's. Default: beside the model, named after what was done.")
      .optional(),
  })
  .strict();

export type Recipe = z.infer<typeof recipeSchema>;
/** As a user writes it: what has a default may be left out. */
export type WrittenRecipe = z.input<typeof recipeSchema>;
export type RecipeStep = z.infer<typeof stepSchema>;
export type QuantizeStep = z.infer<typeof quantizeSchema>;
export type WeightOverride = z.infer<typeof overrideSchema>;
export type RepairName = (typeof REPAIRS)[number];
export type DataSection = z.infer<typeof dataSchema>;
export type DataSource = z.infer<typeof dataSourceSchema>;
export type InputSection = z.infer<typeof inputSchema>;
