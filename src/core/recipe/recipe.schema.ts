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
  })
  .strict();

/** A path, relative to the recipe's file: `.npz`, an IDX image file, a folder of images by class; or random values. */
export const dataSourceSchema = z.union([
  z.string(),
  z
    .object({
      path: z.string(),
      /** IDX: the labels' file, when it is not the usual neighbour. */
      labels: z.string().optional(),
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
    seed: z.number().int().optional(),
  })
  .strict();

export const quantizeSchema = z
  .object({
    weights: z.enum(['int8', 'float16']),
    /** `uint8`: static quantization with calibration. */
    activations: z.enum(['float32', 'uint8']).default('float32'),
    granularity: z.enum(['channel', 'tensor']).default('channel'),
    /** Layers that stay as they are. */
    keep: z.array(z.string()).default([]),
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
export type DataSection = z.infer<typeof dataSchema>;
export type DataSource = z.infer<typeof dataSourceSchema>;
export type InputSection = z.infer<typeof inputSchema>;
