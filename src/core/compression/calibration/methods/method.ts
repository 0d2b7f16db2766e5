import type { ValueHistogram } from '../histogram';
import type { Range } from '../range';

/** How the range of a value is found from what calibration saw of it. */
export type RangeMethod = ExtremesMethod | HistogramMethod;

/** Works on the smallest and the largest number of each batch, which the session finds. */
export interface ExtremesMethod {
  readonly observes: 'extremes';
  /** The range after another batch of `samples`; `known` is `EMPTY_RANGE` before the first. */
  add(known: Range, batch: Range, samples: number): Range;
}

/** Works on the distribution of all numbers. */
export interface HistogramMethod {
  readonly observes: 'histogram';
  /** The range to keep, within `histogram.range`, which has finite bounds. */
  choose(histogram: ValueHistogram, options: RangeChoice): Range;
}

export interface RangeChoice {
  /** The highest code of an activation: 255 or 65535. */
  readonly highestCode: number;
  /** Share of all numbers, 0 to 1, that a percentile range keeps. */
  readonly share: number;
}
