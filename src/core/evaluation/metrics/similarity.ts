import { originalRun } from './against-original';
import type { Metric } from './metric';

/** Numbers of a sample from which on a cosine says more than whether their signs agree. */
const LEAST_NUMBERS = 2;

/**
 * Mean cosine between this model's outputs and the original's, all outputs of a sample as one vector; 1 where both are
 * zero. The headline of models without class scores and without targets, unless a sample's outputs are one number: its
 * cosine is 1 or -1, so that `correlation` takes its place.
 */
export const similarity: Metric = {
  name: 'similarity to the original (cosine)',
  headline: 'similarity',
  unit: 'number',
  better: 'higher',
  open: (subject) =>
    originalRun(
      subject,
      (eachPair) => {
        let product = 0;
        let own = 0;
        let other = 0;
        eachPair((value, original) => {
          product += value * original;
          own += value * value;
          other += original * original;
        });
        if (own === 0 && other === 0) return 1;
        return own === 0 || other === 0 ? 0 : product / Math.sqrt(own * other);
      },
      LEAST_NUMBERS,
    ),
};
