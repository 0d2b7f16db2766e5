import * as z from 'zod';

/** How a network is trained; the defaults are those of a short recovery. */
export const trainOptions = {
  /** Times that every sample is seen. */
  epochs: z.number().positive().max(10_000).default(3).describe('Times that every training sample is seen.'),
  batch: z.number().int().positive().max(65_536).default(128).describe('Samples a step.'),
  optimizer: z.enum(['adamw', 'adam', 'sgd', 'rmsprop']).default('adamw').describe('How weights move.'),
  rate: z.number().positive().default(1e-3).describe('The learning rate at its highest.'),
  momentum: z.number().min(0).lt(1).describe('For sgd and rmsprop. Default: 0.9 for sgd, 0 for rmsprop.').optional(),
  nesterov: z.boolean().describe('For sgd with momentum.').optional(),
  weightDecay: z.number().min(0).default(1e-4).describe('How fast weights shrink by themselves.'),
  schedule: z
    .enum(['cosine', 'constant', 'step', 'multi-step', 'exponential', 'one-cycle', 'polynomial', 'plateau'])
    .default('cosine')
    .describe('How the learning rate changes.'),
  warmUp: z.number().int().nonnegative().default(0).describe('Steps over which the learning rate rises first.'),
  clip: z.number().positive().describe('The longest gradient; longer ones are shortened.').optional(),
  accumulate: z.number().int().positive().max(4096).default(1).describe('Batches whose gradients move weights once.'),
  average: z
    .number()
    .gt(0)
    .lt(1)
    .describe('Share of the old in a running mean of the weights, which is kept.')
    .optional(),
  loss: z
    .union([
      z.enum(['cross-entropy', 'binary-cross-entropy', 'squared-error', 'absolute-error', 'cosine']),
      z.object({ graph: z.string().describe('An .onnx file that gives one number.') }).strict(),
    ])
    .describe('What is made small. Default: cross-entropy with labels, squared-error with targets.')
    .optional(),
  smoothing: z.number().min(0).lt(1).describe('Share of the probability spread over all classes.').optional(),
  classWeights: z.array(z.number().nonnegative()).min(1).describe('What a sample of each class counts.').optional(),
  regularize: z
    .object({
      kind: z.enum(['l1', 'l2', 'group-lasso']).describe('Of all weights, of their squares, or of whole channels.'),
      strength: z.number().positive().describe('What the price is multiplied with.'),
    })
    .strict()
    .describe('A price on weights.')
    .optional(),
  only: z
    .enum(['all', 'norms', 'last'])
    .default('all')
    .describe('What learns: all, norms and scales, or the last layer.'),
  freeze: z.array(z.string()).default([]).describe('Layers that stay: names, operators, or /regular expressions/.'),
  normalization: z
    .enum(['training', 'frozen', 'inserted'])
    .default('training')
    .describe(
      'Batch normalization by the batch, or by its running statistics; inserted: by the batch, also where it was folded into convolutions, which take it in again in the end.',
    ),
  freezeNormalization: z
    .number()
    .gt(0)
    .lt(1)
    .describe(
      'Share of the training after which batch normalization stands still, computed as a part of the layers before it.',
    )
    .optional(),
  augment: z
    .object({
      flip: z.boolean().describe('Mirrors pictures left to right, half of the time.').optional(),
      shift: z.number().int().nonnegative().max(64).describe('Moves pictures by up to so many pixels.').optional(),
      crop: z.number().gt(0).lte(1).describe('Cuts out at least this share of a picture and resizes it.').optional(),
      mixup: z.number().positive().describe('Mixes two samples; the strength of the mixture.').optional(),
    })
    .strict()
    .describe('Changes to pictures at random.')
    .optional(),
  sparsity: z
    .object({
      level: z.number().gt(0).lt(1).describe('Share of zeros in the end, in each tensor.'),
      begin: z.number().min(0).lt(1).default(0).describe('Share of the training before the first zeros.'),
      end: z.number().gt(0).lte(1).default(0.5).describe('Share of the training after which the level is reached.'),
      every: z.number().int().positive().describe('Steps between masks. Default: 20 masks on the way.').optional(),
      layers: z.array(z.string()).min(1).describe('Layers that are pruned. Default: all.').optional(),
    })
    .strict()
    .describe('Makes the smallest weights zero while the others learn, more and more of them, and keeps them so.')
    .optional(),
  cluster: z
    .object({
      bits: z.number().int().min(1).max(8).describe('Of codes: a tensor has at most 2^bits values.'),
      end: z.number().min(0).lte(1).default(0.7).describe('Share of the training after which members stay.'),
      layers: z.array(z.string()).min(1).describe('Layers that are clustered. Default: all.').optional(),
    })
    .strict()
    .describe('Lets weights share few values, which learn.')
    .optional(),
  evaluateEvery: z.number().int().positive().describe('Steps between evaluations. Default: an epoch.').optional(),
  patience: z.number().int().positive().describe('Evaluations without anything better after which it ends.').optional(),
  seed: z.number().int().default(1).describe('Decides order, masks and mixtures.'),
  threads: z.number().int().positive().max(256).describe('Of the runtime. Default: physical cores.').optional(),
};

/** What a network learns from another: the distillation loss and its parts. */
export const teacherOptions = {
  teacher: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe('An .onnx file, or several whose mean answers count; self: the model as it was before the first step.'),
  temperature: z.number().positive().default(4).describe('How soft the answers are made.'),
  distillation: z
    .number()
    .min(0)
    .max(1)
    .default(0.7)
    .describe("The teacher's share of the loss; labels have the rest."),
  answers: z
    .enum(['once', 'keep', 'ask'])
    .default('once')
    .describe(
      'Where samples repeat, the teacher is asked once and its answers lie on disk until training has ended (once) or longer (keep); ask: it is asked in every epoch.',
    ),
  variants: z
    .number()
    .int()
    .positive()
    .max(10_000)
    .describe('Ways in which each sample is changed before they repeat. Default: another in every epoch.')
    .optional(),
  hints: z
    .array(
      z
        .object({
          student: z.string().describe("A layer of the student's, or a value between its nodes."),
          teacher: z.string().describe("A layer of the teacher's, or a value between its nodes."),
          kind: z
            .enum(['hint', 'attention'])
            .default('hint')
            .describe('Equal values, or equal maps of where they are large.'),
          weight: z.number().positive().default(1).describe('What the difference is multiplied with.'),
        })
        .strict(),
    )
    .default([])
    .describe('Layers whose values are to be like the teacher’s.'),
};

/** Weights and activations of few bits while the network trains: it learns to live with them. */
export const awareOptions = {
  weights: z
    .enum(['int8', 'int7', 'int6', 'int5', 'int4', 'int3', 'int2', 'ternary', 'binary'])
    .describe('Bits of weights. Default: they stay float.')
    .optional(),
  activations: z
    .enum(['float32', 'uint8', 'uint7', 'uint6', 'uint5', 'uint4', 'uint3', 'uint2'])
    .default('float32')
    .describe('Bits of what layers read.'),
  method: z
    .enum(['lsq', 'dorefa', 'pact', 'wrpn', 'ranges'])
    .default('lsq')
    .describe('How steps are found: learned, or by the methods of these papers, or from running ranges.'),
  granularity: z.enum(['channel', 'tensor']).default('channel').describe('Scales of weights.'),
  ends: z.enum(['int8', 'same', 'float32']).default('int8').describe('Weights of the first and the last layer.'),
  progressive: z
    .union([z.boolean(), z.array(z.number().int().min(2).max(8)).min(1)])
    .default(false)
    .describe(
      'Goes down to these bits in steps over the first half of the training: bits on the way, as in [8, 4], or true: halved each time.',
    ),
  keep: z.array(z.string()).default([]).describe('Layers that stay float while others are quantized.'),
};

const quantize = z
  .object(awareOptions)
  .strict()
  .describe('Weights and activations of few bits while the network trains.')
  .optional();

export const trainSchema = z.object({ ...trainOptions, quantize }).strict();
export const distilSchema = z.object({ ...trainOptions, ...teacherOptions, quantize }).strict();

export type TrainStep = z.infer<typeof trainSchema>;
export type DistilStep = z.infer<typeof distilSchema>;
export type AwareOptions = z.infer<ReturnType<typeof z.object<typeof awareOptions>>>;
