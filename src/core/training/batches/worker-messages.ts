import type { ErrorKind } from '../../errors';
import type { DataOpening } from './data-opening';
import type { BatchPlan, PreparedBatch } from './preparation';

/** What a worker is started with. */
export interface WorkerTask {
  readonly opening: DataOpening;
  readonly plan: BatchPlan;
  /** Samples that the main thread sees: another number is another set. */
  readonly length: number;
}

export type ToWorker =
  /** Begin at a step; batches of earlier rounds are not wanted any more. */
  | { readonly kind: 'from'; readonly step: number; readonly round: number; readonly ahead: number }
  /** One was taken: prepare one more. */
  | { readonly kind: 'more' }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'batch'; readonly round: number; readonly batch: PreparedBatch }
  | { readonly kind: 'failed'; readonly error: SentError };

/** An EdgewiseError on its way between threads. */
export interface SentError {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly file?: string;
}
