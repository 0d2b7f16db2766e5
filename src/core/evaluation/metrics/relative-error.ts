import { originalRun } from './against-original';
import type { Metric } from './metric';

/** Mean over samples of |output - original| / |original| (Euclidean norms); an original of zeros counts 0 or 1. */
export const relativeError: Metric = {
  name: 'relative error to the original',
  headline: null,
  unit: 'number',
  better: 'lower',
  open: (subject) =>
    originalRun(subject, (eachPair) => {
      let difference = 0;
      let size = 0;
      eachPair((value, original) => {
        difference += (value - original) ** 2;
        size += original * original;
      });
      if (size === 0) return difference === 0 ? 0 : 1;
      return Math.sqrt(difference / size);
    }),
};
