import type { Schedule } from './schedule';

export const constant = (): Schedule => ({ factor: () => 1 });

/** Times `gamma` every `every` steps. */
export const step = (every: number, gamma: number): Schedule => ({ factor: (at) => gamma ** Math.floor(at / every) });

/** Times `gamma` at each milestone, given as shares of the whole, 0 to 1. */
export const multiStep = (milestones: readonly number[], gamma: number): Schedule => ({
  factor: (at, total) => gamma ** milestones.filter((share) => at >= share * total).length,
});

/** Falls evenly in its logarithm, to `end` at the last step. */
export const exponential = (end: number): Schedule => ({ factor: (at, total) => end ** (at / Math.max(1, total)) });

/** Half a cosine from 1 to `end` (Loshchilov and Hutter 2017). */
export const cosine = (end = 0): Schedule => ({
  factor: (at, total) => end + ((1 - end) * (1 + Math.cos((Math.PI * at) / Math.max(1, total)))) / 2,
});

/** `(1 - at / total)^power`. */
export const polynomial = (power: number): Schedule => ({
  factor: (at, total) => Math.max(0, 1 - at / Math.max(1, total)) ** power,
});

/** One-cycle's beginning and end beside its peak (Smith and Topin 2018, PyTorch's defaults). */
const CYCLE_START = 1 / 25;
const CYCLE_END = 1 / 25e4;

/** Up to the peak within the first `rise` of all steps, then down far below the beginning, both as half cosines. */
export const oneCycle = (rise = 0.3): Schedule => ({
  factor(at, total) {
    const [peak, last] = [Math.max(1, rise * total - 1), Math.max(2, total - 1)];
    const [from, to, share] =
      at < peak ? [CYCLE_START, 1, at / peak] : [1, CYCLE_END, (at - peak) / Math.max(1, last - peak)];
    return to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(1, share)))) / 2;
  },
});

/** Rises evenly over the first `steps`, and leaves the rest to another schedule. */
export const warmUp = (steps: number, then: Schedule): Schedule => ({
  ...then,
  factor: (at, total) => (at < steps ? (at + 1) / (steps + 1) : 1) * then.factor(at, total),
});
