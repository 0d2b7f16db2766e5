import type { Kernels, Region } from '../../kernels';
import { repeats, scaledSpans, type ScaledSpan, type ScaleLayout } from '../../kernels/scale-layout';
import { findRanges, scaleOf, zeroPointOf, type CodeFormat, type Ranges, type ScaleFinder } from './affine-scales';
import type { AffineScales } from './encoded-tensor';

/** Ranges that are tried for a scale, as shares of the whole one, in equal steps from it down. */
const TRIALS = 21;

/**
 * The least share tried. The fewer the codes, the more of a range is worth giving up for finer steps: for normal weights
 * 4 bits do best at about 2.5 standard deviations, 2 bits at 1.2, of peaks of about 4.
 */
const LEAST_SHARE: readonly number[] = [0.2, 0.2, 0.2, 0.25, 0.36, 0.5];
const LEAST_SHARE_OF_MANY = 0.6;

/**
 * Of 21 ranges, from the whole one down, the one with the least squared error of its codes; of equal ones the widest.
 * So it is never worse than the whole range. Each trial is measured on all values, by the codes that it would give.
 */
export const leastSquaresScales: ScaleFinder = async (kernels, values, layout, format, signal) => {
  const ranges = await findRanges(kernels, values, layout, format, signal);
  const search = new ScaleSearch(kernels, layout, format, ranges, repeats(layout, values.elements));
  for await (const span of values.spans(signal)) {
    for (const part of scaledSpans(layout, span, 4)) search.add(part);
  }
  return search.finish();
};

/**
 * Sums of squared errors of every trial, for the scales that the values just gone through have. Scales that no later
 * value has are settled at once, so that blocks need no memory but their own scales.
 */
class ScaleSearch {
  private readonly shares: number[];
  private readonly zeroPoint: Int32Array | null;
  private settled = 0;
  /** One row of sums a trial, for the scales from `settled` on. */
  private sums: Float64Array[];

  constructor(
    private readonly kernels: Kernels,
    private readonly layout: ScaleLayout,
    private readonly format: CodeFormat,
    /** As scales are settled, their high end becomes their scale. */
    private readonly ranges: Ranges,
    private readonly repeats: boolean,
  ) {
    const least = LEAST_SHARE[format.bits] ?? LEAST_SHARE_OF_MANY;
    this.shares = Array.from({ length: TRIALS }, (_, trial) => 1 - ((1 - least) * trial) / (TRIALS - 1));
    this.zeroPoint = format.symmetric ? null : new Int32Array(layout.scales);
    this.sums = this.shares.map(() => new Float64Array(repeats ? layout.scales : 0));
  }

  add(part: ScaledSpan): void {
    if (!this.repeats) this.settleUpTo(part.first);
    const from = part.first - this.settled;
    this.sums = this.sums.map((sums) => lengthened(sums, from + part.count));
    const { kernels } = this;
    const scales = kernels.take(part.count * 4);
    const zeroPoints = kernels.take(part.count * 4);
    const errors = kernels.take(part.count * 8);
    for (const [trial, share] of this.shares.entries()) {
      this.putTrial(part, share, scales, zeroPoints);
      const sums = this.sums[trial]?.subarray(from, from + part.count);
      const measured = new Float64Array(errors.bytes.buffer, errors.address, part.count);
      if (sums === undefined) continue;
      measured.set(sums);
      const at = { first: part.first, scales: scales.address, zeroPoints: zeroPoints.address };
      kernels.codes.quantizationLoss(part.span, this.layout, at, this.format, errors.address);
      sums.set(measured);
    }
    kernels.give(scales);
    kernels.give(zeroPoints);
    kernels.give(errors);
  }

  finish(): AffineScales {
    this.settleUpTo(this.layout.scales);
    return { scale: this.ranges.highs, zeroPoint: this.zeroPoint };
  }

  private putTrial(part: ScaledSpan, share: number, scales: Region, zeroPoints: Region): void {
    const { format } = this;
    const { lows, highs } = this.ranges;
    const scale = new Float32Array(scales.bytes.buffer, scales.address, part.count);
    const zeroPoint = new Int32Array(zeroPoints.bytes.buffer, zeroPoints.address, part.count);
    for (let index = 0; index < part.count; index++) {
      const low = (lows?.[part.first + index] ?? 0) * share;
      const high = (highs[part.first + index] ?? 0) * share;
      scale[index] = scaleOf(low, high, format);
      zeroPoint[index] = zeroPointOf(low, high, format);
    }
  }

  private settleUpTo(end: number): void {
    const count = end - this.settled;
    if (count <= 0) return;
    const { lows, highs } = this.ranges;
    for (let index = 0; index < count; index++) {
      const scale = this.settled + index;
      const share = this.shares[this.bestTrial(index)] ?? 1;
      const low = (lows?.[scale] ?? 0) * share;
      const high = (highs[scale] ?? 0) * share;
      highs[scale] = scaleOf(low, high, this.format);
      if (this.zeroPoint !== null) this.zeroPoint[scale] = zeroPointOf(low, high, this.format);
    }
    this.sums = this.sums.map((sums) => sums.slice(count));
    this.settled = end;
  }

  private bestTrial(index: number): number {
    let best = 0;
    let least = Infinity;
    for (let trial = 0; trial < TRIALS; trial++) {
      const error = this.sums[trial]?.[index] ?? 0;
      if (error >= least) continue;
      least = error;
      best = trial;
    }
    return best;
  }
}

function lengthened(sums: Float64Array, length: number): Float64Array {
  if (sums.length >= length) return sums;
  const longer = new Float64Array(length);
  longer.set(sums);
  return longer;
}
