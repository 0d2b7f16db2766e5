import { errorRun } from './against-targets';
import { isSegmentation } from './mean-iou';
import type { Metric } from './metric';

/** Mean over samples and values of |output - target|, in the target's unit. */
export const absoluteError: Metric = {
  name: 'mean absolute error',
  headline: 'mean-absolute-error',
  unit: 'number',
  better: 'lower',
  open: (subject) => (isSegmentation(subject) ? null : errorRun(subject, (value, target) => Math.abs(value - target))),
};
