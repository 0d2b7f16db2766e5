import { absoluteError } from './absolute-error';
import { accuracy } from './accuracy';
import { averagePrecision, averagePrecisionAtHalf } from './average-precision';
import { characterError } from './character-error';
import { correlation } from './correlation';
import { divergence } from './divergence';
import { exactMatch } from './exact-match';
import { fidelity } from './fidelity';
import { meanIou } from './mean-iou';
import type { Metric } from './metric';
import { perplexity } from './perplexity';
import { relativeError } from './relative-error';
import { similarity } from './similarity';
import { squaredError } from './squared-error';
import { topFive } from './top-five';

export type { JudgedBatch, Metric, MetricRun, MetricSubject, OutputValues } from './metric';

/** Every metric, in the order of reports. The first that has a headline and judges model and data is the headline. */
export const METRICS: readonly Metric[] = [
  accuracy,
  meanIou,
  averagePrecision,
  exactMatch,
  perplexity,
  absoluteError,
  fidelity,
  similarity,
  correlation,
  topFive,
  averagePrecisionAtHalf,
  characterError,
  squaredError,
  relativeError,
  divergence,
];
