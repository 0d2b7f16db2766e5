import { bytesText, integerText } from '../../core/evaluation/report/figures';
import type { Progress } from '../../core/progress';

/** How far a step is: "240 of 500 images", "1.2 GB of 1.8 GB", "12 layers"; "" where nothing is counted. */
export function stepText({ done, total, unit }: Progress): string {
  const amount = (value: number): string => (unit === 'bytes' ? bytesText(value) : integerText(value));
  // Steps are a measure of nothing that a user counts.
  if (unit === 'steps') return total === null || total === 0 ? '' : `${Math.floor((done / total) * 100)} %`;
  const suffix = unit === 'bytes' ? '' : ` ${unit}`;
  if (total === null) return done === 0 ? '' : `${amount(done)}${suffix}`;
  return `${amount(done)} of ${amount(total)}${suffix}`;
}

/** Time left from the time passed, once enough has passed to tell; "" before. */
export function timeLeftText({ done, total }: Progress, elapsedMs: number): string {
  if (total === null || done <= 0 || done >= total || elapsedMs < ENOUGH_TO_TELL_MS) return '';
  const seconds = Math.ceil(((elapsedMs / done) * (total - done)) / 1000);
  return seconds < 60 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`;
}

const ENOUGH_TO_TELL_MS = 1500;
