/** A generator of numbers in [0, 1): mulberry32, the same sequence for the same seed everywhere. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The positions 0 to `length` - 1 in an order that depends on length and seed only (Fisher and Yates). */
function shuffledPositions(length: number, seed: number): Int32Array {
  const positions = Int32Array.from({ length }, (_, index) => index);
  const random = randomNumbers(seed);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = positions[last] ?? 0;
    positions[last] = positions[other] ?? 0;
    positions[other] = kept;
  }
  return positions;
}

/** Share of what calibration leaves that is for choosing. */
const SELECTION_SHARE = 0.2;
/** Share of what calibration leaves that is learned from, where there is training: part of it is for choosing. */
export const LEARNING_SHARE = 0.75;
/** Calibration takes no more than this share of one set, so that a small set still has something to test on. */
const LARGEST_CALIBRATION_SHARE = 0.25;

export interface Split {
  readonly calibration: Int32Array;
  readonly selection: Int32Array;
  readonly test: Int32Array;
}

/**
 * One set for three roles: `calibrationSamples` (at most a quarter of the set), 20 % of the rest for selection (or
 * `selectionShare`), what is left for the test. Looks at nothing but length and seed, so labels cannot change it. Positions ascend.
 */
export function splitByRole(
  length: number,
  seed: number,
  calibrationSamples: number,
  selectionShare = SELECTION_SHARE,
): Split {
  const order = shuffledPositions(length, seed);
  const calibration = Math.min(calibrationSamples, Math.max(1, Math.floor(length * LARGEST_CALIBRATION_SHARE)));
  const selection = Math.round((length - calibration) * selectionShare);
  return {
    calibration: order.slice(0, calibration).sort(),
    selection: order.slice(calibration, calibration + selection).sort(),
    test: order.slice(calibration + selection).sort(),
  };
}

/** `count` positions of a set by seed, ascending; all of them when it has no more. */
export function choose(length: number, count: number, seed: number): Int32Array {
  return shuffledPositions(length, seed).slice(0, count).sort();
}
