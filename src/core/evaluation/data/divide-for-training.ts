import type { DataSet } from './data-set';
import { choose } from './split';
import { subset } from './subset';

/** Share of what is learned from that is kept for choosing the best weights, and the most of it. */
const CHOOSING_SHARE = 0.1;
const MOST_FOR_CHOOSING = 5000;

export interface TrainingSets {
  readonly train: DataSet;
  /** For the best checkpoint and for stopping early: never trained on, and never the test set. */
  readonly selection: DataSet;
  /** How it was divided, in a sentence. */
  readonly sentence: string;
}

/** Takes a part for choosing out of a set that is learned from, by seed; looks at nothing but its length. */
export function divideForTraining(set: DataSet, seed: number): TrainingSets {
  const chosen = choose(set.length, Math.min(MOST_FOR_CHOOSING, Math.round(set.length * CHOOSING_SHARE)), seed);
  const taken = new Set(chosen);
  const rest = Int32Array.from({ length: set.length }, (_, index) => index).filter((index) => !taken.has(index));
  const count = (samples: number): string => samples.toLocaleString('en-US');
  return {
    train: subset(set, rest),
    selection: subset(set, chosen),
    sentence: `${count(rest.length)} samples are trained on, and ${count(chosen.length)} choose the best weights, seed ${seed}.`,
  };
}
