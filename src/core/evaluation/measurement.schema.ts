import * as z from 'zod';

/** What can be the one figure that a model is judged by. */
export const HEADLINES = [
  'accuracy',
  'fidelity',
  'similarity',
  'mean-absolute-error',
  'exact-match',
  'perplexity',
  'mean-iou',
  'average-precision',
  'custom',
] as const;

/** One more figure about the same answers: "top-5", "mean squared error". */
export const metricFigureSchema = z.object({
  name: z.string(),
  value: z.number(),
  /** 95 % interval, where one is known. */
  interval: z.tuple([z.number(), z.number()]).nullable().optional(),
  /** `share`: 0..1, shown in percent; `number`: as it is. */
  unit: z.enum(['share', 'number']),
  better: z.enum(['higher', 'lower']),
});

/** How a classifier did on each class. */
export const classResultsSchema = z.object({
  /** One entry a class, in the order of the model's outputs. Recall is `correct / samples`, precision `correct / answered`. */
  perClass: z.array(
    z.object({
      name: z.string(),
      /** Samples with this label. */
      samples: z.number(),
      /** Samples that the model gave this answer to. */
      answered: z.number(),
      correct: z.number(),
    }),
  ),
  /** `confusion[label][answer]`, samples; null where there are too many classes for a table. */
  confusion: z.array(z.array(z.number())).nullable(),
  /** Classes taken for another, by their positions: the pairs with most samples first. */
  confused: z.array(z.object({ label: z.number(), answer: z.number(), samples: z.number() })).optional(),
});

/** The same object before and after, in `--json` and in the report. */
export const measurementSchema = z.object({
  /**
   * "accuracy" (top-1), "fidelity" (share of samples with the original model's answer), "similarity" (mean cosine with
   * the original's outputs, where there are no classes; correlation with them where they are one number a sample), another headline, or null with a reason.
   */
  metric: z.enum(HEADLINES).nullable(),
  /** Why nothing was judged, or what is suspicious about it. */
  reason: z.string().optional(),
  /** What a headline other than "accuracy" and "fidelity" is called, and how it is read. */
  headline: metricFigureSchema.pick({ name: true, unit: true, better: true }).optional(),
  /** 0..1 for shares; errors and perplexity as they are. */
  value: z.number().nullable(),
  /** 95 %: Wilson's for shares, Student's for means. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
  samples: z.number(),
  latencyMs: z
    .object({ median: z.number(), p95: z.number(), threads: z.number(), runs: z.number(), batch: z.number() })
    .nullable(),
  /** Why latency is null. */
  latencyReason: z.string().optional(),
  loadMs: z.number().nullable(),
  /** How far the resident memory of a fresh process rose while it opened the model and ran it once. */
  peakMemoryBytes: z.number().nullable().optional(),
  bytes: z.number(),
  gzipBytes: z.number().nullable(),
  /** Order-0 entropy of what each tensor stores, and the rest as gzip packs it: `evaluation/entropy-size`. */
  entropyBytes: z.number().nullable().optional(),
  /** Of the same model with the shortest names and without texts: `evaluation/stripped-size`. */
  strippedBytes: z.number().nullable().optional(),
  parameters: z.number(),
  macs: z.number().nullable(),
  /** Other metrics of the same run, the most telling first. */
  metrics: z.array(metricFigureSchema).optional(),
  classes: classResultsSchema.optional(),
});

export type Headline = (typeof HEADLINES)[number];
export type Measurement = z.infer<typeof measurementSchema>;
export type MetricFigure = z.infer<typeof metricFigureSchema>;
export type ClassResults = z.infer<typeof classResultsSchema>;
