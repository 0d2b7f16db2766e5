import * as z from 'zod';

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

export type DataSection = z.infer<typeof dataSchema>;
export type DataSource = z.infer<typeof dataSourceSchema>;
export type InputSection = z.infer<typeof inputSchema>;
