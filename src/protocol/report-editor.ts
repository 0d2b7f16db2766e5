import * as z from 'zod';
import { reportSchema } from '../core/evaluation/report.schema';
import { problemMessage, readyMessage } from './page-messages';

/** Host to the report editor. */
export const toReportEditor = z.discriminatedUnion('type', [
  problemMessage,
  z.object({ type: z.literal('report'), file: z.string(), report: reportSchema }),
]);

/** The report editor to the host. */
export const fromReportEditor = z.discriminatedUnion('type', [
  readyMessage,
  z.object({
    type: z.literal('action'),
    action: z.enum(['copy-command', 'export-html', 'open-source', 'open-output', 'open-as-text']),
  }),
  /** Copies the command of `report.next[index]`. */
  z.object({ type: z.literal('copy-suggestion'), index: z.number().int().nonnegative() }),
]);

export type ToReportEditor = z.infer<typeof toReportEditor>;
export type FromReportEditor = z.infer<typeof fromReportEditor>;

export { REPORT_VERSION, reportSchema, type Report } from '../core/evaluation/report.schema';
