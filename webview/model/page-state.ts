import * as z from 'zod';

/** What a reload keeps; of the model whose file it names. */
export const pageStateSchema = z.object({
  file: z.string(),
  tab: z.string(),
  filter: z.string(),
  order: z.object({ column: z.string(), direction: z.enum(['ascending', 'descending']) }).nullable(),
  selected: z.string().nullable(),
  top: z.number(),
});

export type PageState = z.infer<typeof pageStateSchema>;
