import * as z from 'zod';

/** A dimension as shown: a number, a name or expression ("batch*49"), or null where unknown. */
export const dimensionSchema = z.union([z.number(), z.string(), z.null()]);

export const encodingSchema: z.ZodType<EncodingFacts> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('dense'), dtype: z.string() }),
    z.object({
      kind: z.literal('affine'),
      bits: z.number(),
      signed: z.boolean(),
      axis: z.number().nullable(),
      block: z.number().nullable(),
    }),
    z.object({ kind: z.literal('palette'), bits: z.number(), groups: z.number() }),
    z.object({ kind: z.literal('sparse'), positions: z.enum(['mask', 'index']), values: encodingSchema }),
  ]),
);

/** `core/model/encoding`'s `Encoding` as it crosses a boundary. */
export type EncodingFacts =
  | { kind: 'dense'; dtype: string }
  | { kind: 'affine'; bits: number; signed: boolean; axis: number | null; block: number | null }
  | { kind: 'palette'; bits: number; groups: number }
  | { kind: 'sparse'; positions: 'mask' | 'index'; values: EncodingFacts };

/** One logical weight of a layer: a self-unpacking or dequantized one is one weight with its encoding. */
export const weightSummarySchema = z.object({
  /** The initializer's name as stored. */
  name: z.string(),
  /** What it is to its layer. */
  role: z.enum(['weight', 'bias', 'statistics', 'other']),
  /** The dtype that the layer computes with, once the encoding is undone. */
  dtype: z.string(),
  shape: z.array(z.number()),
  /** Stored, scales and tables included. */
  bytes: z.number(),
  /** Elements that count as parameters; 0 for integer constants and statistics. */
  parameters: z.number(),
  encoding: encodingSchema,
  /** The encoding in words: "int8 per channel". */
  encodingLabel: z.string(),
  /** The axis of the layer's outputs (filters, neurons); null where there is none. */
  outputAxis: z.number().nullable(),
  /** True when an earlier layer counts the same tensor. */
  shared: z.boolean(),
});

export const layerSummarySchema = z.object({
  /** What the layer is called everywhere: "layer1.0.conv1". Unique in the model. */
  name: z.string(),
  /** The same, in parts, for the tree: ["layer1", "0", "conv1"]. */
  path: z.array(z.string()),
  operator: z.string(),
  /** What tells it from its siblings: "3x3 s2", "64 -> 10"; "" where there is nothing to say. */
  detail: z.string(),
  outputShape: z.array(dimensionSchema).nullable(),
  outputDtype: z.string().nullable(),
  /** Elements of floating or quantized weights, those shared with an earlier layer not counted again. */
  parameters: z.number(),
  /** Batch-norm running statistics. */
  buffers: z.number(),
  bytes: z.number(),
  macs: z.number().nullable(),
  weights: z.array(weightSummarySchema),
});

export const valueSummarySchema = z.object({
  name: z.string(),
  dtype: z.string().nullable(),
  shape: z.array(dimensionSchema).nullable(),
});

/** What `inspect --json` prints and every view shows. */
export const modelSummarySchema = z.object({
  format: z.string(),
  formatVersion: z.string(),
  producer: z.string(),
  /** Of the standard operators; null where there is none. */
  opset: z.number().nullable(),
  opsets: z.record(z.string(), z.number()),
  metadata: z.record(z.string(), z.string()),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
  /** Of all files. */
  bytes: z.number(),
  parameters: z.number(),
  buffers: z.number(),
  /**
   * Of one run. Where the only symbol is the leading dimension of the inputs (the batch), of one sample: the symbol is
   * taken as 1 and still listed in `symbols`. Of an `If`, its dearer branch. Null where a layer's are unknown
   * (a dimension without a value, an operator not understood).
   */
  macs: z.number().nullable(),
  /** Names of the inputs' symbolic dimensions that were given no value; `input[axis]` where the file gives no name. */
  symbols: z.array(z.string()),
  /** Largest sum of activations alive at once, in bytes, for the same batch as `macs`; null where shapes are unknown. */
  peakActivationBytes: z.number().nullable(),
  inputs: z.array(valueSummarySchema),
  outputs: z.array(valueSummarySchema),
  layers: z.array(layerSummarySchema),
});

export type WeightSummary = z.infer<typeof weightSummarySchema>;
export type LayerSummary = z.infer<typeof layerSummarySchema>;
export type ValueSummary = z.infer<typeof valueSummarySchema>;
export type ModelSummary = z.infer<typeof modelSummarySchema>;
