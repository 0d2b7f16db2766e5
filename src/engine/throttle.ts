import type { JobContext, Progress } from '../core/progress';

/** People do not read faster; the channel has better things to carry. */
const INTERVAL_MS = 100;

/** The same context, with progress sent at most every `INTERVAL_MS` and at each new stage. */
export function throttled(context: JobContext): JobContext {
  let last = 0;
  let stage = '';
  return {
    signal: context.signal,
    progress: (step: Progress) => {
      const now = Date.now();
      if (step.stage === stage && step.done !== step.total && now - last < INTERVAL_MS) return;
      last = now;
      stage = step.stage;
      context.progress(step);
    },
  };
}
