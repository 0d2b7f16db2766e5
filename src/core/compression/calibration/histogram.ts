import type { Range } from './range';

/** Bins of a calibration histogram: what ONNX Runtime's own percentile calibration uses. */
export const HISTOGRAM_BINS = 2048;

/** Share of all values that a percentile range keeps: what ONNX Runtime's own percentile calibration uses. */
export const PERCENTILE = 0.99999;

/**
 * Counts of values in bins of equal width over a range that is known before the first value: its size never changes,
 * however many values come.
 */
export class FixedHistogram {
  readonly counts = new Float64Array(HISTOGRAM_BINS);
  private readonly width: number;

  constructor(readonly range: Range) {
    this.width = (range.max - range.min) / HISTOGRAM_BINS;
  }

  /** Values outside the range count in the first or the last bin. */
  add(values: Float32Array): void {
    if (this.width === 0) {
      this.counts[0] = (this.counts[0] ?? 0) + values.length;
      return;
    }
    const { counts, width } = this;
    const last = HISTOGRAM_BINS - 1;
    for (const value of values) {
      const bin = Math.min(last, Math.max(0, Math.floor((value - this.range.min) / width)));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }

  /**
   * The range that keeps `share` of the values, cutting the same share of them at both ends, to the width of a bin.
   * The whole range when nothing was counted.
   */
  percentileRange(share: number): Range {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    if (total === 0 || this.width === 0) return this.range;
    const cut = (total * (1 - share)) / 2;
    const low = firstBinAbove(this.counts, cut);
    const high = HISTOGRAM_BINS - firstBinAbove(this.counts.slice().reverse(), cut);
    return { min: this.range.min + low * this.width, max: this.range.min + high * this.width };
  }
}

/** The first bin at which more than `cut` values have been passed. */
function firstBinAbove(counts: Float64Array, cut: number): number {
  let passed = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    passed += counts[bin] ?? 0;
    if (passed > cut) return bin;
  }
  return 0;
}
