import * as z from 'zod';
import { recipeSchema } from '../recipe/recipe.schema';
import { measurementSchema } from './measurement.schema';

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

export const dataUsedSchema = z.object({
  role: z.enum(['calibration', 'test']),
  /** As the user named it, relative to the report; "random" for generated values. */
  source: z.string(),
  samples: z.number(),
  /** "all", or how it was chosen: "split of digits.npz, seed 1: 512 calibration, …". */
  selection: z.string(),
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
  target: z.object({ maxDrop: z.number().optional(), met: z.boolean() }).nullable(),
  layers: z.array(reportLayerSchema),
  changed: z.object({ total: z.number(), shown: z.array(changedSampleSchema) }),
  next: z.array(suggestionSchema),
  /** Other models of the same source, found beside it, for the chart. */
  others: z.array(
    z.object({ name: z.string(), value: z.number().nullable(), parameters: z.number(), bytes: z.number() }),
  ),
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
