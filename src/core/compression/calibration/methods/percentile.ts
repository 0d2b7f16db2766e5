import type { HistogramMethod } from './method';

/** Share of all numbers that is kept by default: what ONNX Runtime's percentile calibration keeps (99.999 %). */
export const PERCENTILE = 0.99999;

/**
 * Cuts the same share of numbers off at both ends, to the width of a bin: `(1 - share) / 2` each, as ONNX Runtime's
 * percentile calibration does when it is not told to be symmetric.
 */
export const percentile: HistogramMethod = {
  observes: 'histogram',
  choose(histogram, { share }) {
    const { counts, range } = histogram;
    const { from, to } = histogram.used;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const cut = (total * (1 - share)) / 2;
    let low = from;
    for (let passed = counts[low] ?? 0; low < to && passed < cut; passed += counts[low] ?? 0) low += 1;
    let high = to;
    for (let passed = counts[high - 1] ?? 0; high > low + 1 && passed < cut; passed += counts[high - 1] ?? 0) high -= 1;
    return { min: Math.max(range.min, histogram.edge(low)), max: Math.min(range.max, histogram.edge(high)) };
  },
};
