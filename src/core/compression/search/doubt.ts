import { logProbabilities } from './probabilities';
import type { Scores } from './scores';

/** How unsure a classifier is: one less the highest probability, over samples. */
export interface Doubt {
  readonly mean: number;
  /** Of the mean. */
  readonly standardError: number;
}

/** Doubts that differ by fewer standard errors are taken for the same. */
const CLEAR = 3;
/** Where a network has no doubts at all, nothing more can be told from them. */
const MOST_CAUTION = 10;

export function doubtOf(scores: Scores): Doubt {
  const { samples, classes } = scores;
  const logs = logProbabilities(scores);
  const doubts = Float64Array.from({ length: samples }, (_, sample) => {
    const highest = logs.subarray(sample * classes, (sample + 1) * classes).reduce((a, b) => Math.max(a, b), -Infinity);
    return 1 - Math.exp(highest);
  });
  const mean = doubts.reduce((sum, doubt) => sum + doubt, 0) / Math.max(1, samples);
  const variance = doubts.reduce((sum, doubt) => sum + (doubt - mean) ** 2, 0) / Math.max(1, samples - 1);
  return { mean, standardError: Math.sqrt(variance / Math.max(1, samples)) };
}

/**
 * How many times more answers change on unseen samples than on these: encoding changes answers that are in doubt, and
 * networks doubt less what they were trained on. 1 where the doubts are about the same.
 */
export function cautionFor(here: Doubt, unseen: Doubt): number {
  const error = Math.hypot(here.standardError, unseen.standardError);
  if (!(unseen.mean - here.mean > CLEAR * error)) return 1;
  return Math.min(MOST_CAUTION, unseen.mean / here.mean);
}
