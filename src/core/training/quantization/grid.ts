/** Integers that codes may be: `low` to `high`, both included. */
export interface Grid {
  readonly low: number;
  readonly high: number;
}

/** What a weight of so many bits may be; `ternary` has three values, `binary` two. */
export type WeightBits = number | 'ternary' | 'binary';

/**
 * As many below zero as above, -7 to 7 for 4 bits, so that a channel may change its sign when a normalization is folded
 * in; 2 bits have all four, -2 to 1, since one of four is too much to give up. Ternary -1, 0, 1; binary -1 and 1.
 */
export function weightGrid(bits: WeightBits): Grid {
  if (bits === 'ternary' || bits === 'binary') return { low: -1, high: 1 };
  const high = 2 ** (bits - 1) - 1;
  return { low: bits === 2 ? -2 : -high, high };
}

/** Codes of an activation from 0 on, less its zero point: 0 to 255 after a ReLU, -128 to 127 around zero. */
export function activationGrid(bits: number, zeroPoint: number): Grid {
  return { low: -zeroPoint, high: 2 ** bits - 1 - zeroPoint };
}

/**
 * How many times finer than one step of a weight the step is with which integer kernels take it, so that they round
 * biases finer. A power of two, which changes no product. @param widest bits that kernels multiply
 */
export function spreadOf(bits: WeightBits, widest: number): number {
  // Of 8 bits, and of 7 where those are for processors, all are needed.
  if (typeof bits === 'number' && bits >= SPREAD_BELOW) return 1;
  const { low, high } = weightGrid(bits);
  return 2 ** Math.floor(Math.log2((2 ** (widest - 1) - 1) / Math.max(-low, high)));
}

const SPREAD_BELOW = 7;
