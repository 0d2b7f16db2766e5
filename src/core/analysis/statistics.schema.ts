import * as z from 'zod';

export const HISTOGRAM_BINS = 64;

/** Figures of one weight's real values (dequantized where it is stored encoded). NaN and infinities are counted, and left out of the rest. */
export const weightStatisticsSchema = z.object({
  count: z.number(),
  /** Null when no value is finite. */
  min: z.number().nullable(),
  max: z.number().nullable(),
  mean: z.number().nullable(),
  meanAbsolute: z.number().nullable(),
  /** Of the population. */
  standardDeviation: z.number().nullable(),
  zeros: z.number(),
  nan: z.number(),
  infinite: z.number(),
  /** Counts in `HISTOGRAM_BINS` equal bins over [min, max]; empty when no value is finite. */
  histogram: z.array(z.number()),
});

/** What could go from a layer, as an estimate from its weights alone. */
export const pruningSuggestionSchema = z.object({
  /** 0..1 of the layer's outputs. */
  fraction: z.number(),
  /** "filters", "neurons" */
  unit: z.string(),
  remove: z.number(),
  of: z.number(),
  /** A sentence: "16 of 64 filters hold 2 % of the weights' energy." */
  reason: z.string(),
  basis: z.literal('estimate'),
});

/** The statistics of one layer's main weight, with what follows from them. */
export const layerStatisticsSchema = z.object({
  layer: z.string(),
  weight: z.string(),
  statistics: weightStatisticsSchema,
  /** Null: keep all. */
  suggestion: pruningSuggestionSchema.nullable(),
});

export type WeightStatistics = z.infer<typeof weightStatisticsSchema>;
export type PruningSuggestion = z.infer<typeof pruningSuggestionSchema>;
export type LayerStatistics = z.infer<typeof layerStatisticsSchema>;
