import type { Combinations } from './combinations';
import type { Choice } from './knapsack';
import type { Trial, Trials } from './trials';

/** Steps to try, and how many may fail in a row. */
export interface Patience {
  readonly most: number;
  readonly failures: number;
}

/**
 * Looks for the smallest model that meets a condition: between the original and the fewest bytes along the combinations
 * with the least damage for their bytes, halving the way each time; from there in steps of one unit, the least damage
 * for the bytes saved first. What counts is what whole models are measured to be. Everything tried is in `trials`.
 */
export async function searchSmallest(
  combinations: Combinations,
  trials: Trials,
  meets: (trial: Trial) => boolean,
  patience: Patience,
): Promise<void> {
  const tryIt = async (picks: readonly number[]): Promise<boolean> => {
    const attempt = combinations.attempt(picks);
    // Nothing is chosen: the original.
    if (attempt === null) return true;
    const trial = await trials.of(attempt);
    return trial !== null && meets(trial);
  };
  const start = await halve(combinations.best, tryIt);
  await step(combinations, start, tryIt, patience);
}

async function halve(
  choices: readonly Choice[],
  tryIt: (picks: readonly number[]) => Promise<boolean>,
): Promise<readonly number[]> {
  let met = 0;
  let failed = choices.length;
  while (failed - met > 1) {
    const middle = Math.floor((met + failed) / 2);
    if (await tryIt(choices[middle]?.picks ?? [])) met = middle;
    else failed = middle;
  }
  return choices[met]?.picks ?? [];
}

async function step(
  combinations: Combinations,
  start: readonly number[],
  tryIt: (picks: readonly number[]) => Promise<boolean>,
  patience: Patience,
): Promise<void> {
  let current = start;
  let failures = 0;
  const refused = new Set<string>();
  for (let steps = 0; steps < patience.most && failures < patience.failures; steps++) {
    const next = combinations
      .movesFrom(current)
      .filter(({ bytes, picks }) => bytes < 0 && !refused.has(picks.join()))
      .sort((one, other) => price(one) - price(other))[0];
    if (next === undefined) return;
    if (await tryIt(next.picks)) {
      current = next.picks;
      failures = 0;
    } else {
      refused.add(next.picks.join());
      failures++;
    }
  }
}

/** Damage for each byte saved. */
function price({ bytes, damage }: Choice): number {
  return damage / -bytes;
}
