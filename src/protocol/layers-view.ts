import * as z from 'zod';
import { layerStatisticsSchema } from '../core/analysis/statistics.schema';
import { modelMessage, problemMessage, readyMessage, selectMessage } from './page-messages';

/** Host to the Layers view. */
export const toLayersView = z.discriminatedUnion('type', [
  modelMessage,
  problemMessage,
  selectMessage,
  /** No model is open: show what can be done. */
  z.object({ type: z.literal('empty') }),
  z.object({
    type: z.literal('statistics'),
    generation: z.number(),
    layers: z.array(layerStatisticsSchema),
    /** True with the last batch. */
    done: z.boolean(),
  }),
]);

/** The Layers view to the host. */
export const fromLayersView = z.discriminatedUnion('type', [
  readyMessage,
  selectMessage,
  /** Double click or Enter: show the layer in the model editor. */
  z.object({ type: z.literal('reveal'), layer: z.string() }),
  z.object({ type: z.literal('action'), action: z.enum(['open-model', 'open-example', 'compress']) }),
]);

export type ToLayersView = z.infer<typeof toLayersView>;
export type FromLayersView = z.infer<typeof fromLayersView>;
