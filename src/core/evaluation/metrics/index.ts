import { absoluteError } from './absolute-error';
import { accuracy } from './accuracy';
import { divergence } from './divergence';
import { fidelity } from './fidelity';
import { meanIou } from './mean-iou';
import type { Metric } from './metric';
import { relativeError } from './relative-error';
import { similarity } from './similarity';
import { squaredError } from './squared-error';
import { topFive } from './top-five';

export type { JudgedBatch, Metric, MetricRun, MetricSubject, OutputValues } from './metric';

/** Every metric, in the order of reports. The first that has a headline and judges model and data is the headline. */
export const METRICS: readonly Metric[] = [
  accuracy,
  meanIou,
  absoluteError,
  fidelity,
  similarity,
  topFive,
  squaredError,
  relativeError,
  divergence,
];
