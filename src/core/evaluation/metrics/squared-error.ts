import { errorRun } from './against-targets';
import { isSegmentation } from './mean-iou';
import type { Metric } from './metric';

/** Mean over samples and values of (output - target)^2. */
export const squaredError: Metric = {
  name: 'mean squared error',
  headline: null,
  unit: 'number',
  better: 'lower',
  open: (subject) => (isSegmentation(subject) ? null : errorRun(subject, (value, target) => (value - target) ** 2)),
};
