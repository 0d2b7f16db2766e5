import { Presets, SingleBar } from 'cli-progress';
import type { CliProgress } from '../command';
import type { ProgressView } from './index';
import { stepText, timeLeftText } from './step-text';

/** Redraws a second; a terminal over a slow line needs no more. */
const FPS = 10;

/** Progress as one bar that is redrawn in place, and gone when the work is done. */
export function progressBar(stream: NodeJS.WriteStream): ProgressView {
  let current: { stage: string; bar: SingleBar; since: number } | null = null;
  const clear = (): void => {
    current?.bar.stop();
    current = null;
  };
  return {
    update(step: CliProgress) {
      if (current?.stage !== step.stage) {
        clear();
        const bar = newBar(stream);
        bar.start(step.total ?? 0, step.done, payload(step, 0));
        current = { stage: step.stage, bar, since: performance.now() };
        return;
      }
      current.bar.setTotal(step.total ?? 0);
      current.bar.update(step.done, payload(step, performance.now() - current.since));
    },
    clear,
  };
}

function newBar(stream: NodeJS.WriteStream): SingleBar {
  return new SingleBar(
    {
      stream,
      format: '{bar} {stage} {counted} {note} {left}',
      barsize: 24,
      fps: FPS,
      hideCursor: true,
      clearOnComplete: true,
      // Ctrl+C is the command's own business: it cancels, and cleans up.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
}

function payload(step: CliProgress, elapsedMs: number): Record<string, string> {
  return { stage: step.stage, counted: stepText(step), note: step.note ?? '', left: timeLeftText(step, elapsedMs) };
}
