import * as z from 'zod';
import { dataSchema } from './data.schema';
import { studentSchema } from './student.schema';
import { distilSchema, trainSchema } from './train.schema';

export * from './data.schema';

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
