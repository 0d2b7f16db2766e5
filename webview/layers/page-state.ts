import * as z from 'zod';

/** Files whose place a reload keeps: those looked at last. */
const FILES_KEPT = 20;

const fileState = z.object({
  file: z.string(),
  filter: z.string(),
  expanded: z.array(z.string()),
  active: z.string().nullable(),
  anchor: z.object({ id: z.string(), offset: z.number() }).nullable(),
});

/** What a reload keeps: how each file was left, the last one last. */
export const pageStateSchema = z.array(fileState);

export type FileState = z.infer<typeof fileState>;
export type PageState = z.infer<typeof pageStateSchema>;

/** The state when `file` was left last: another file that is shown in between takes nothing from the others. */
export const withFile = (state: PageState, file: FileState): PageState =>
  [...state.filter((other) => other.file !== file.file), file].slice(-FILES_KEPT);
