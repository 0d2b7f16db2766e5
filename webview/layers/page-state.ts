import * as z from 'zod';

/** What a reload keeps; of the model whose file it names. */
export const pageStateSchema = z.object({
  file: z.string(),
  filter: z.string(),
  expanded: z.array(z.string()),
  active: z.string().nullable(),
  anchor: z.object({ id: z.string(), offset: z.number() }).nullable(),
});

export type PageState = z.infer<typeof pageStateSchema>;
