import { BINS_PER_SIDE, type ValueHistogram } from '../histogram';
import type { Range } from '../range';
import type { HistogramMethod } from './method';

/** Limits that are tried, evenly up to the largest magnitude. */
const LIMITS = 256;

/** Empty bins get this much of a count, taken from the others, so that the divergence is finite (as in MXNet). */
const SMOOTHING = 1e-4;

/**
 * The limit at which the numbers, told apart by codes only, keep most of their distribution: the least Kullback-Leibler
 * divergence between the clipped distribution, what lies outside counted at its ends, and the same without that, merged
 * into as many levels as there are codes. Migacz, "8-bit inference with TensorRT" (2017). As in NVIDIA's calibrator,
 * limits have at least a bin for each level, and zeros, which every choice stores exactly, count as many as their
 * neighbours. Both ends move together and stop at the smallest and largest number, as in ONNX Runtime, whose default of
 * 128 bins and 128 levels tries one limit only.
 */
export const entropy: HistogramMethod = {
  observes: 'histogram',
  choose(histogram, { highestCode }) {
    const { range } = histogram;
    const { from, to } = histogram.used;
    const counts = withoutZeros(histogram.counts);
    const levels = highestCode + 1;
    const reach = Math.max(to - BINS_PER_SIDE, BINS_PER_SIDE - from);
    let best = range;
    let least = Infinity;
    for (const limit of limits(reach)) {
      const window = { from: Math.max(from, BINS_PER_SIDE - limit), to: Math.min(to, BINS_PER_SIDE + limit) };
      if (window.to - window.from < levels) continue;
      const divergence = divergenceOf(counts, window, levels);
      // Of equal ones the wider: nothing is cut without need.
      if (divergence > least) continue;
      least = divergence;
      best = clipped(range, histogram, window);
    }
    return best;
  },
};

/** The bin that holds zero, with as many numbers as the fuller one beside it. */
function withoutZeros(counts: Float64Array): Float64Array {
  const copy = Float64Array.from(counts);
  const beside = Math.max(counts[BINS_PER_SIDE - 1] ?? 0, counts[BINS_PER_SIDE + 1] ?? 0);
  copy[BINS_PER_SIDE] = Math.min(counts[BINS_PER_SIDE] ?? 0, beside);
  return copy;
}

interface Window {
  readonly from: number;
  readonly to: number;
}

function limits(reach: number): number[] {
  return Array.from({ length: LIMITS }, (_, at) => Math.ceil((reach * (at + 1)) / LIMITS));
}

function clipped(range: Range, histogram: ValueHistogram, { from, to }: Window): Range {
  return { min: Math.max(range.min, histogram.edge(from)), max: Math.min(range.max, histogram.edge(to)) };
}

/** D(P || Q) in nats, P and Q as `entropy` describes them. */
export function divergenceOf(counts: Float64Array, { from, to }: Window, levels: number): number {
  const inside = counts.subarray(from, to);
  if (inside.length === 0) return Infinity;
  const reference = Float64Array.from(inside);
  const last = reference.length - 1;
  reference[0] = (reference[0] ?? 0) + sum(counts.subarray(0, from));
  reference[last] = (reference[last] ?? 0) + sum(counts.subarray(to));
  return divergence(smoothed(reference), smoothed(merged(inside, reference, levels)));
}

/** Counts as `levels` equal parts tell them apart: spread evenly over those bins of a part that `reference` has filled. */
function merged(counts: Float64Array, reference: Float64Array, levels: number): Float64Array {
  const spread = new Float64Array(counts.length);
  const parts = Math.min(levels, counts.length);
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((part * counts.length) / parts);
    const to = Math.floor(((part + 1) * counts.length) / parts);
    let total = 0;
    let filled = 0;
    for (let bin = from; bin < to; bin++) {
      total += counts[bin] ?? 0;
      if ((reference[bin] ?? 0) > 0) filled += 1;
    }
    for (let bin = from; bin < to; bin++) if ((reference[bin] ?? 0) > 0) spread[bin] = total / filled;
  }
  return spread;
}

function smoothed(counts: Float64Array): Float64Array {
  let filled = 0;
  for (const count of counts) if (count > 0) filled += 1;
  const empty = counts.length - filled;
  if (empty === 0 || filled === 0) return counts;
  const taken = (SMOOTHING * empty) / filled;
  return counts.map((count) => (count > 0 ? Math.max(SMOOTHING, count - taken) : SMOOTHING));
}

function divergence(p: Float64Array, q: Float64Array): number {
  const ofP = sum(p);
  const ofQ = sum(q);
  if (ofQ === 0) return Infinity;
  let total = 0;
  p.forEach((count, bin) => {
    const share = count / ofP;
    if (share > 0) total += share * Math.log(share / ((q[bin] ?? 0) / ofQ));
  });
  return total;
}

function sum(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
