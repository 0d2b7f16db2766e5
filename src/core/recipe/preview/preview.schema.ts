import * as z from 'zod';

/** One sample of a data set, as the model takes it. */
export const previewSampleSchema = z.object({
  /** In its set. */
  index: z.number(),
  /** The values that the model gets, as a PNG in a data URL, stretched from the smallest to the largest of them; null where they are no picture. */
  seen: z.string().nullable(),
  /** The picture that they were made from; null where there is none. */
  original: z.string().nullable(),
  minimum: z.number(),
  maximum: z.number(),
  mean: z.number(),
  label: z.string().nullable(),
  /** Null where the model is no classifier. */
  answer: z.string().nullable(),
  /** Of the answer, 0..1: the model's own score, or its softmax where scores are no probabilities. */
  confidence: z.number().nullable(),
});

export const dataPreviewSchema = z.object({
  /** The model's file name. */
  model: z.string(),
  /** As the user named it. */
  source: z.string(),
  /** Samples of the set. */
  total: z.number(),
  input: z.object({ name: z.string(), dtype: z.string(), shape: z.array(z.number()) }),
  /** What the recipe does to samples, in words; null where it says nothing. */
  preparation: z.string().nullable(),
  /** How roles were chosen, and what was done to the values. */
  notes: z.array(z.string()),
  /** Why there are no answers; null where there are. */
  reason: z.string().nullable(),
  samples: z.array(previewSampleSchema),
});

export type PreviewSample = z.infer<typeof previewSampleSchema>;
export type DataPreview = z.infer<typeof dataPreviewSchema>;
