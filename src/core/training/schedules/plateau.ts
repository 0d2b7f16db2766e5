import type { Schedule } from './schedule';

/** Times `gamma` when `patience` evaluations in a row brought nothing better. */
export function plateau(patience: number, gamma: number): Schedule {
  let [factor, best, waited] = [1, -Infinity, 0];
  return {
    factor: () => factor,
    evaluated(value) {
      if (value > best) [best, waited] = [value, 0];
      else waited += 1;
      if (waited <= patience) return;
      [factor, waited] = [factor * gamma, 0];
    },
    // A checkpoint is JSON, which has no infinity: nothing evaluated yet is no third number.
    save: () => (best === -Infinity ? [factor, waited] : [factor, waited, best]),
    restore([savedFactor = 1, savedWaited = 0, savedBest = -Infinity]) {
      [factor, best, waited] = [savedFactor, savedBest, savedWaited];
    },
  };
}
