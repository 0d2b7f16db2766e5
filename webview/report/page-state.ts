import * as z from 'zod';

/** What a reload keeps; of the report whose file it names. */
export const pageStateSchema = z.object({
  file: z.string(),
  order: z.object({ column: z.string(), direction: z.enum(['ascending', 'descending']) }),
  shown: z.number(),
  top: z.number(),
});

export type PageState = z.infer<typeof pageStateSchema>;
