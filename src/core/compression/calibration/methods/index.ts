import { entropy } from './entropy';
import { meanSquaredError } from './mean-squared-error';
import type { RangeMethod } from './method';
import { minmax } from './minmax';
import { movingAverage } from './moving-average';
import { percentile } from './percentile';

/** Every way to find the range of an activation, by its name in a recipe. A new one is one line. */
export const RANGE_METHODS = {
  minmax,
  'moving-average': movingAverage,
  percentile,
  entropy,
  mse: meanSquaredError,
} as const satisfies Readonly<Record<string, RangeMethod>>;

export type RangeMethodName = keyof typeof RANGE_METHODS;
