import * as z from 'zod';

/** The same object before and after, in `--json` and in the report. */
export const measurementSchema = z.object({
  /** "accuracy" (top-1), "fidelity" (agreement with the original model), or null with a reason. */
  metric: z.enum(['accuracy', 'fidelity']).nullable(),
  /** Why nothing was judged, or what is suspicious about it. */
  reason: z.string().optional(),
  /** 0..1 */
  value: z.number().nullable(),
  /** 95 % Wilson interval. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
  samples: z.number(),
  latencyMs: z
    .object({ median: z.number(), p95: z.number(), threads: z.number(), runs: z.number(), batch: z.number() })
    .nullable(),
  loadMs: z.number().nullable(),
  bytes: z.number(),
  gzipBytes: z.number().nullable(),
  parameters: z.number(),
  macs: z.number().nullable(),
});

export type Measurement = z.infer<typeof measurementSchema>;
