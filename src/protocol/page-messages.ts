import * as z from 'zod';
import { modelSummarySchema } from '../core/analysis/summary.schema';

// The strict content security policy forbids `new Function`, which zod would otherwise try for speed.
z.config({ jitless: true });

/** A model as the pages get it. A higher generation replaces everything that an earlier one said. */
export const modelMessage = z.object({
  type: z.literal('model'),
  generation: z.number(),
  /** The file's name, for titles. */
  file: z.string(),
  summary: modelSummarySchema,
  /** What changed since the last reading of the same file, in sentences; empty the first time. */
  changes: z.array(z.string()),
  /** Ways to compress it, with the same estimates as everywhere else. */
  choices: z.array(z.object({ id: z.string(), title: z.string(), estimatedBytes: z.number().nullable() })).optional(),
});

/** A reading that failed, or a page with nothing to show. */
export const problemMessage = z.object({
  type: z.literal('problem'),
  /** One sentence: which file, what is wrong, what to do. */
  message: z.string(),
});

export const selectMessage = z.object({ type: z.literal('select'), layer: z.string() });

export const readyMessage = z.object({ type: z.literal('ready') });

export type ModelMessage = z.infer<typeof modelMessage>;

/** A parsed message, or null for anything that is not of the schema (logged by the caller, never trusted). */
export function parseMessage<T>(schema: z.ZodType<T>, message: unknown): T | null {
  const result = schema.safeParse(message);
  return result.success ? result.data : null;
}
