import type { Combinations } from './combinations';
import type { Choice } from './knapsack';
import type { Trial, Trials } from './trials';

/** Combinations of about the size that are measured, so that the best of them is found by measuring. */
const NEIGHBOURS = 4;

/**
 * Looks for the most accurate model of at most `maxSize` bytes: along the combinations with the least damage for their
 * bytes to the first that fit; what room each leaves goes to the units that gain most by it. Everything tried is in
 * `trials`.
 * @param original bytes of the original
 */
export async function searchWithin(
  combinations: Combinations,
  trials: Trials,
  maxSize: number,
  original: number,
): Promise<void> {
  // What a file has beside weights (its recipe) is known once one was made.
  let beside = 0;
  let fitting = 0;
  for (const choice of combinations.best) {
    if (original + choice.bytes + beside > maxSize) continue;
    const trial = await tryIt(combinations, trials, choice.picks);
    if (trial === null) continue;
    beside = trial.bytes - original - choice.bytes;
    if (trial.bytes > maxSize) continue;
    const filled = fill(combinations, choice, maxSize - trial.bytes);
    if (filled !== choice.picks) await tryIt(combinations, trials, filled);
    if (++fitting === NEIGHBOURS) return;
  }
  const last = combinations.best.at(-1);
  if (fitting === 0 && last !== undefined) await tryIt(combinations, trials, last.picks);
}

function tryIt(combinations: Combinations, trials: Trials, picks: readonly number[]): Promise<Trial | null> {
  const attempt = combinations.attempt(picks);
  return attempt === null ? Promise.resolve(null) : trials.of(attempt);
}

function fill(combinations: Combinations, { picks }: Choice, room: number): readonly number[] {
  let current = picks;
  let left = room;
  for (;;) {
    const [next] = combinations
      .movesFrom(current)
      .filter(({ bytes, damage }) => bytes <= left && damage < 0)
      .sort((one, other) => one.damage - other.damage);
    if (next === undefined) return current;
    current = next.picks;
    left -= next.bytes;
  }
}
