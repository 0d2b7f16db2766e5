import * as z from 'zod';
import { modelMessage, problemMessage, readyMessage, selectMessage } from './page-messages';

/** Host to the model editor. */
export const toModelEditor = z.discriminatedUnion('type', [modelMessage, problemMessage, selectMessage]);

/** The model editor to the host. */
export const fromModelEditor = z.discriminatedUnion('type', [
  readyMessage,
  selectMessage,
  z.object({ type: z.literal('action'), action: z.enum(['compress', 'evaluate', 'open-as-text']) }),
]);

export type ToModelEditor = z.infer<typeof toModelEditor>;
export type FromModelEditor = z.infer<typeof fromModelEditor>;
