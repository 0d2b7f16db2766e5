import type { TrainingMoment } from '../transform';

/** When zeros come: shares of all steps, and steps between one mask and the next. */
export interface PruningCourse {
  readonly level: number;
  readonly begin: number;
  readonly end: number;
  readonly every: number | undefined;
}

/** Masks on the way where a recipe does not say how often. */
const MASKS = 20;

/** The steps from `first` to `last` with a mask of their own; at `last` the level is reached. */
export function courseSteps(course: PruningCourse, total: number): { first: number; last: number; every: number } {
  const last = Math.min(total - 1, Math.round(course.end * total));
  const first = Math.min(last, Math.round(course.begin * total));
  return { first, last, every: course.every ?? Math.max(1, Math.round((last - first) / MASKS)) };
}

/**
 * The share of zeros at a step, null where the mask before stays: `level * (1 - (1 - t)^3)`, `t` from 0 at `begin` to 1
 * at `end` (automated gradual pruning, Zhu and Gupta 2017).
 */
export function gradualLevel(course: PruningCourse, { step, total }: TrainingMoment): number | null {
  const { first, last, every } = courseSteps(course, total);
  if (step < first || step > last) return null;
  if (step === last) return course.level;
  if ((step - first) % every !== 0) return null;
  return course.level * (1 - (1 - (step - first) / (last - first)) ** 3);
}
