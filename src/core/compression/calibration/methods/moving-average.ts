import { hasBounds, type Range } from '../range';
import type { ExtremesMethod } from './method';

/** What is left of the average after `STEP_SAMPLES` more samples. */
const DECAY = 0.9;

/** Samples of one step, whatever the batch: the result must not depend on how many samples fit into memory. */
const STEP_SAMPLES = 32;

/**
 * The moving average of the batches' smallest and largest numbers: outliers of single batches count little. The first
 * batch starts it, as in PyTorch's `MovingAverageMinMaxObserver` (`min + c * (batch - min)`); TensorFlow's
 * `MovingAverageQuantize` does the same with `decay = 1 - c`. They train for thousands of steps with decays of 0.99 and
 * 0.999; calibration has some tens.
 */
export const movingAverage: ExtremesMethod = {
  observes: 'extremes',
  add(known, batch, samples) {
    if (!hasBounds(known)) return Number.isNaN(known.min) ? known : batch;
    const weight = 1 - DECAY ** (samples / STEP_SAMPLES);
    return { min: towards(known.min, batch.min, weight), max: towards(known.max, batch.max, weight) };
  },
};

function towards(from: number, to: Range['min'], weight: number): number {
  return from + weight * (to - from);
}
