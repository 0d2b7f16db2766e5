import type { Progress } from '../../core/progress';

/** "Calibrating: 240 of 500 images, 12 s left" */
export function progressText(step: Progress, secondsLeft: number | null): string {
  const left = secondsLeft === null ? '' : `, ${durationText(secondsLeft)} left`;
  if (step.total === null) return step.stage;
  if (step.unit === 'images' || step.unit === 'layers') {
    return `${step.stage}: ${step.done.toLocaleString('en')} of ${step.total.toLocaleString('en')} ${step.unit}${left}`;
  }
  const percent = step.total > 0 ? Math.floor((100 * step.done) / step.total) : 100;
  return `${step.stage}: ${percent} %${left}`;
}

function durationText(seconds: number): string {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}

/** Sooner, a rate says little. */
const LEAST_MS = 1500;

/** Time left in a stage, from its own rate so far. */
export class TimeLeft {
  private stage = '';
  private started = 0;
  private first = 0;

  /** @param now milliseconds. @returns seconds, or null while it cannot be told */
  of(step: Progress, now: number): number | null {
    if (step.stage !== this.stage) {
      this.stage = step.stage;
      this.started = now;
      this.first = step.done;
    }
    const done = step.done - this.first;
    const elapsed = now - this.started;
    if (step.total === null || done <= 0 || elapsed < LEAST_MS) return null;
    return ((step.total - step.done) * elapsed) / done / 1000;
  }
}
