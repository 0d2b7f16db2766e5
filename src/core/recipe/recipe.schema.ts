import * as z from 'zod';

/** How one input is made from what a data set holds. */
export const inputSchema = z
  .object({
    /** The model's input; default: its only one. */
    name: z.string().optional(),
    layout: z.enum(['NCHW', 'NHWC', 'as-is']).describe('Order of the dimensions that the model expects.').optional(),
    /** [height, width]; images are resized to it. */
    size: z.tuple([z.number().int().positive(), z.number().int().positive()]).optional(),
    channels: z.enum(['gray', 'rgb', 'bgr']).optional(),
    /** Multiplies raw values first; bytes of images are 0 to 255. */
    scale: z.number().optional(),
    mean: z.union([z.number(), z.array(z.number())]).optional(),
    deviation: z.union([z.number(), z.array(z.number())]).optional(),
    /** Tables (Parquet, CSV, JSON lines): the columns that it is made of. Default: found by name and kind. */
    column: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
    /** Text: the `tokenizer.json` that makes input_ids, attention_mask and token_type_ids of it. */
    tokenizer: z.string().optional(),
    /** Text: tokens a sample; shorter ones are padded, longer ones cut. Default: what the model takes, or 128. */
    maxLength: z.number().int().positive().max(100_000).optional(),
    /** Sound: how a waveform becomes the input. */
    audio: z
      .object({
        /** Hz; sound is resampled to it. Default: 16000. */
        rate: z.number().int().min(1000).max(192_000).optional(),
        /** Bands of a log-mel spectrogram; without it the model takes the waveform. */
        mels: z.number().int().min(1).max(512).optional(),
        /** Samples a window of the spectrogram, and from one window to the next. Defaults: 400 and 160. */
        window: z.number().int().min(16).max(16_384).optional(),
        hop: z.number().int().min(1).max(16_384).optional(),
      })
      .strict()
      .optional(),
  })
  .strict();

/** A path, relative to the recipe's file: `.npz`, IDX, Parquet, CSV, JSON lines, a folder of images or sounds; or random values. */
export const dataSourceSchema = z.union([
  z.string(),
  z
    .object({
      path: z.string(),
      /** IDX: the labels' file, when it is not the usual neighbour. */
      labels: z.string().optional(),
      /** Tables: the column of labels. Default: label, labels, class, target or y. */
      label: z.string().optional(),
      /** Use at most this many samples. */
      limit: z.number().int().positive().optional(),
    })
    .strict(),
  z.object({ random: z.number().int().positive() }).strict(),
]);

export const dataSchema = z
  .object({
    /** One set for every role: it is split by seed. */
    all: dataSourceSchema.optional(),
    train: dataSourceSchema.optional(),
    calibration: dataSourceSchema.optional(),
    test: dataSourceSchema.optional(),
    input: inputSchema.optional(),
    /** Class names in the order of the model's outputs. */
    labels: z.array(z.string()).optional(),
    /** Added to each label: 1 where the model's first class is "background" and the data's is not. */
    labelOffset: z.number().int().optional(),
    /** Labels are texts, and the model gives one of these characters a step: a text file, one a line (CTC, blank first). */
    alphabet: z.string().optional(),
    seed: z.number().int().optional(),
  })
  .strict();

/** Integers by their bits; with a palette, the bits of its codes. */
const weightsSchema = z.enum([
  'float32',
  'float16',
  'bfloat16',
  'int8',
  'int6',
  'int5',
  'int4',
  'int3',
  'int2',
  'int1',
]);

/** How weights are encoded, for a whole model or for some of its layers. */
const weightOptions = {
  /** `palette`: codes that stand for values of a table. Default: affine, and palette for 6, 5 and 1 bits. */
  encoding: z.enum(['affine', 'palette']).optional(),
  /** Scales: for each output channel, the tensor, or blocks of a channel. Palettes: one a tensor, or a group. */
  granularity: z.enum(['channel', 'tensor', 'block', 'group']),
  /** Elements that share a scale, with `granularity: block`. Default: 32. */
  block: z.number().int().min(16).max(256).optional(),
  /** Output channels that share a palette, with `granularity: group`. Default: 16. */
  group: z.number().int().positive().optional(),
  /** How scales are chosen. Default: minmax for 8 bits, mse below. */
  scales: z.enum(['minmax', 'mse', 'percentile']).optional(),
  /** False: a zero point of its own for each scale. Default: true. */
  symmetric: z.boolean().optional(),
  /** Share of the smallest weights that become zero and are not stored. Default: 0. */
  sparsity: z.number().min(0).lt(1).optional(),
};

/** Some layers' own options, where they differ. */
export const overrideSchema = z
  .object({
    /** Names, operators ("Conv"), or regular expressions ("/^head/"). */
    layers: z.array(z.string()).min(1),
    weights: weightsSchema.optional(),
    ...weightOptions,
    granularity: weightOptions.granularity.optional(),
  })
  .strict();

export const REPAIRS = ['fold', 'equalize', 'smooth', 'awq', 'gptq', 'adaptive-rounding', 'bias-correction'] as const;

export const quantizeSchema = z
  .object({
    weights: weightsSchema,
    /** `uint8`, `uint16`: static quantization with calibration. `dynamic`: ranges found at each run, for transformers. */
    activations: z.enum(['float32', 'uint8', 'uint16', 'dynamic']).default('float32'),
    ...weightOptions,
    granularity: weightOptions.granularity.default('channel'),
    /** Layers that stay as they are: names, operators ("Conv"), or regular expressions ("/^head/"). */
    keep: z.array(z.string()).default([]),
    /** Layers with options of their own; the first that names a layer counts. */
    overrides: z.array(overrideSchema).optional(),
    /** Passes that win accuracy back without training, in the order in which they are best run. */
    repair: z.array(z.enum(REPAIRS)).optional(),
    /** How ranges of activations are found. Default: minmax. */
    ranges: z.enum(['minmax', 'moving-average', 'percentile', 'entropy', 'mse']).optional(),
    /** What the file holds: the format's own operators, standard ones that unpack when it is loaded, or the smaller. */
    store: z.enum(['native', 'unpacking', 'smallest']).optional(),
    /** float16: arithmetic in half precision, for GPUs; with float16 weights only. */
    compute: z.enum(['float32', 'float16']).optional(),
    /** Samples for calibration. */
    samples: z.number().int().positive().default(512),
    /** 7 bits for weights, for x86 processors without VNNI. `auto` asks the processor. */
    reduceRange: z.union([z.boolean(), z.literal('auto')]).default('auto'),
  })
  .strict();

export const stepSchema = z.object({ quantize: quantizeSchema }).strict();

export const recipeSchema = z
  .object({
    version: z.literal(1),
    /** Relative to the recipe's file. */
    model: z.string().optional(),
    data: dataSchema.optional(),
    target: z
      .object({
        /** Percentage points that the metric may drop. */
        maxDrop: z.number().nonnegative().optional(),
        /** Bytes that the file may have at most. */
        maxSize: z.number().int().positive().optional(),
        /** Where the model is to run: decides operators, bits and encodings. Default: ort-x64 or ort-arm64, as here. */
        runtime: z.enum(['ort-x64', 'ort-arm64', 'ort-web', 'tflite', 'coreml', 'micro']).optional(),
      })
      .strict()
      .optional(),
    steps: z.array(stepSchema).default([]),
    output: z.string().optional(),
  })
  .strict();

export type Recipe = z.infer<typeof recipeSchema>;
export type RecipeStep = z.infer<typeof stepSchema>;
export type QuantizeStep = z.infer<typeof quantizeSchema>;
export type WeightOverride = z.infer<typeof overrideSchema>;
export type RepairName = (typeof REPAIRS)[number];
export type DataSection = z.infer<typeof dataSchema>;
export type DataSource = z.infer<typeof dataSourceSchema>;
export type InputSection = z.infer<typeof inputSchema>;
