import * as z from 'zod';
import { dataPreviewSchema } from '../core/recipe/preview/preview.schema';
import { problemMessage, readyMessage } from './page-messages';

/** Host to the preview of data. */
export const toDataPreview = z.discriminatedUnion('type', [
  problemMessage,
  z.object({ type: z.literal('loading') }),
  z.object({ type: z.literal('preview'), preview: dataPreviewSchema }),
]);

/** The preview of data to the host. */
export const fromDataPreview = z.discriminatedUnion('type', [
  readyMessage,
  z.object({
    type: z.literal('action'),
    action: z.enum(['other-data', 'find-preprocessing', 'compress', 'evaluate', 'copy-snippet']),
  }),
]);

export type ToDataPreview = z.infer<typeof toDataPreview>;
export type FromDataPreview = z.infer<typeof fromDataPreview>;

export type { DataPreview, PreviewSample } from '../core/recipe/preview/preview.schema';
