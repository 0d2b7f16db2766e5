import { EdgewiseError } from '../core/errors';
import type { CompressOutcome } from '../core/recipe/request';
import type { TrainRequest } from '../protocol/engine';
import type { TrainingNews } from '../protocol/engine-training';
import { compressBeside } from './compress-beside';
import { TrainingDigest } from './training-news';
import { TrainingSwitch } from './training-switch';

/** The training of this process: one process, one training. */
let current: TrainingSwitch | null = null;

export interface TrainContext {
  readonly signal: AbortSignal;
  progress(news: TrainingNews): void;
}

/**
 * Carries out a recipe that trains, which can be paused and stopped meanwhile.
 * @throws EdgewiseError what `compressModel` throws; `usage` while another training runs here
 */
export async function train({ provider, ...request }: TrainRequest, context: TrainContext): Promise<CompressOutcome> {
  if (current) throw new EdgewiseError('usage', 'This engine is training already. Start another one.');
  const control = new TrainingSwitch();
  current = control;
  const digest = new TrainingDigest((news) => context.progress(news));
  // A paused training has to notice that it is cancelled.
  const release = (): void => control.resume();
  context.signal.addEventListener('abort', release, { once: true });
  const job = { signal: context.signal, progress: digest.progress.bind(digest) };
  const watch = { control, onEvent: digest.event.bind(digest), ...(provider === undefined ? {} : { provider }) };
  try {
    return await compressBeside(request, job, watch);
  } finally {
    context.signal.removeEventListener('abort', release);
    current = null;
  }
}

/** @returns false where nothing trains here (any more) */
export function steer(action: 'pause' | 'resume' | 'stop'): { training: boolean } {
  current?.[action]();
  return { training: current !== null };
}
