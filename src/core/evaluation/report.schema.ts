import * as z from 'zod';
import { recipeSchema } from '../recipe/recipe.schema';
import { HEADLINES, measurementSchema } from './measurement.schema';

export const REPORT_VERSION = 1;

/** One layer before and after. */
export const reportLayerSchema = z.object({
  name: z.string(),
  operator: z.string(),
  parameters: z.number(),
  bytesBefore: z.number(),
  bytesAfter: z.number(),
  /** In words: "int8 per channel", "float32". */
  encoding: z.string(),
  /** 10 log10(sum w^2 / sum (w - w')^2) of its weights; null where nothing changed or the layer has none. */
  sqnrDb: z.number().nullable(),
});

/** A sample whose answer changed. */
export const changedSampleSchema = z.object({
  /** In the test set. */
  index: z.number(),
  label: z.string().nullable(),
  before: z.string(),
  after: z.string(),
  /** A PNG as a data URL; null when the input is not a picture. */
  picture: z.string().nullable(),
});

export const suggestionSchema = z.object({
  title: z.string(),
  reason: z.string(),
  /** A command line that does it; null where it is not a command. */
  command: z.string().nullable(),
});

const curveSchema = z.array(z.object({ step: z.number(), value: z.number() }));

/** How a model was trained. */
export const trainingSchema = z.object({
  /** Of what was asked for: fewer where it ended early. */
  epochs: z.number(),
  steps: z.number(),
  /** By the figure on samples for choosing. */
  bestStep: z.number(),
  figure: z.object({ name: z.string(), value: z.number(), lowerIsBetter: z.boolean() }).nullable(),
  ended: z.enum(['finished', 'early', 'stopped', 'overflowed']),
  samplesPerSecond: z.number(),
  trainingMs: z.number(),
  seed: z.number(),
  /** What was learned from, and what chose the best weights. */
  samples: z.object({ learning: z.number(), choosing: z.number() }).optional(),
  /** The figure of the model that the recipe began with, on the samples for choosing. */
  original: z.number().optional(),
  /** In which computations were written, as was fastest on this machine: "blocked 16" for so many of them. */
  forms: z.array(z.object({ computation: z.string(), form: z.string(), count: z.number() })).optional(),
  curves: z.object({ loss: curveSchema, rate: curveSchema, selection: curveSchema }),
});

export const dataUsedSchema = z.object({
  role: z.enum(['training', 'calibration', 'test']),
  /** As the user named it, relative to the report; "random" for generated values. */
  source: z.string(),
  samples: z.number(),
  /** "all", or how it was chosen: "split of digits.npz, seed 1: 512 calibration, …". */
  selection: z.string(),
});

/** How a value between layers is stored in a model with quantized activations. */
export const activationRangeSchema = z.object({
  /** The layer that computes it; an input by its own name. */
  name: z.string(),
  /** The smallest and the largest number that its codes stand for. */
  min: z.number(),
  max: z.number(),
  /** `real = (code - zeroPoint) * scale`. */
  scale: z.number(),
  zeroPoint: z.number(),
  bits: z.number(),
});

/** Values of a layer's weight before and after, counted in the same bins of equal width from `min` to `max`. */
export const distributionSchema = z.object({
  layer: z.string(),
  min: z.number(),
  max: z.number(),
  before: z.array(z.number()),
  after: z.array(z.number()),
});

/** One attempt of a search, measured on the samples that it chooses on, never on the test set. */
export const frontPointSchema = z.object({
  /** What tells it from the others: "int4 per channel, first layer int8". */
  name: z.string(),
  bytes: z.number(),
  /** Of `metric`, as in a measurement; null where it was not measured. */
  value: z.number().nullable(),
  metric: z.enum(HEADLINES).nullable(),
  /** True for the one that became the output. */
  chosen: z.boolean(),
});

export const targetSchema = z.object({
  /** Percentage points that the metric may drop. */
  maxDrop: z.number().optional(),
  /** Bytes that the file may have at most. */
  maxSize: z.number().optional(),
  /** The place that it is for: "ort-x64". */
  runtime: z.string().optional(),
  /** What counts on a microcontroller: the model in flash, and the tensor arena in memory. */
  micro: z.object({ flashBytes: z.number(), arenaBytes: z.number() }).optional(),
  /** Of all of them. */
  met: z.boolean(),
});

export const reportSchema = z.object({
  kind: z.literal('edgewise.report'),
  version: z.literal(REPORT_VERSION),
  created: z.string(),
  /** A sentence that a manager can quote. */
  verdict: z.string(),
  /** Relative to the report's file. */
  source: z.string(),
  /** Relative to the report's file; null when a target was missed and nothing was kept. */
  output: z.string().nullable(),
  hashes: z.object({ source: z.string(), output: z.string().nullable() }),
  before: measurementSchema,
  after: measurementSchema,
  /** Of the two models' answers on the same samples; null without data. */
  paired: z
    .object({
      samples: z.number(),
      /** Share of samples with the same answer. */
      agreement: z.number(),
      /** after - before, in 0..1, with its 95 % interval; null without labels. */
      change: z.number().nullable(),
      interval: z.tuple([z.number(), z.number()]).nullable(),
      /** Exact McNemar test; null without labels. */
      pValue: z.number().nullable(),
    })
    .nullable(),
  /** What the two latencies say: `uncertain` where the spread of the runs is wider than their difference. */
  speed: z.enum(['faster', 'slower', 'same', 'uncertain']).optional(),
  target: targetSchema.nullable(),
  layers: z.array(reportLayerSchema),
  /** Of every value with codes, in running order. */
  activations: z.array(activationRangeSchema).optional(),
  distributions: z.array(distributionSchema).optional(),
  /** Where a step trained the model. */
  training: trainingSchema.optional(),
  changed: z.object({ total: z.number(), shown: z.array(changedSampleSchema) }),
  next: z.array(suggestionSchema),
  /** Other models of the same source, found beside it, for the chart. */
  others: z.array(
    z.object({ name: z.string(), value: z.number().nullable(), parameters: z.number(), bytes: z.number() }),
  ),
  /** Whose answers were learned, measured on the same test set. `value` is of the same metric as `after`, or null. */
  teachers: z
    .array(z.object({ name: z.string(), value: z.number().nullable(), parameters: z.number(), bytes: z.number() }))
    .optional(),
  /** Everything that a search measured, for the Pareto chart. */
  front: z.array(frontPointSchema).optional(),
  /** The original on the samples of `front`: no attempt, and what they are held against. */
  frontOriginal: frontPointSchema.omit({ name: true, chosen: true }).optional(),
  data: z.array(dataUsedSchema),
  warnings: z.array(z.string()),
  recipe: recipeSchema,
  command: z.string(),
  versions: z.record(z.string(), z.string()),
  machine: z.object({ processor: z.string(), platform: z.string(), threads: z.number() }),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportLayer = z.infer<typeof reportLayerSchema>;
export type ChangedSample = z.infer<typeof changedSampleSchema>;
export type ReportSuggestion = z.infer<typeof suggestionSchema>;
export type DataUsed = z.infer<typeof dataUsedSchema>;
export type ActivationRange = z.infer<typeof activationRangeSchema>;
export type Distribution = z.infer<typeof distributionSchema>;
export type FrontPoint = z.infer<typeof frontPointSchema>;
export type ReportTarget = z.infer<typeof targetSchema>;
