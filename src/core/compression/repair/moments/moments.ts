/**
 * What a layer's inputs are like over the calibration samples, as far as its output error depends on it. Groups one
 * after the other; matrices row-major `[columns, columns]`.
 */
export interface Moments {
  /** Columns of `x` that were summed. */
  readonly count: number;
  /** Mean of `x` in the model with rounded weights, `[groups, columns]`. */
  readonly mean: Float64Array;
  /** Mean of `x` in the float model. */
  readonly floatMean: Float64Array;
  /** Mean of `x x^T` in the model with rounded weights. */
  readonly second: Float64Array;
  /** Mean of `x_float x^T`; null where nothing before the layer was rounded, so that it is `second`. */
  readonly cross: Float64Array | null;
}

/** Sums of one layer, taken in run by run. */
export class MomentSums {
  private count = 0;
  private readonly sum: Float64Array;
  private readonly floatSum: Float64Array;
  private readonly second: Float64Array;
  private readonly cross: Float64Array | null;

  constructor(groups: number, columns: number, withFloat: boolean) {
    this.sum = new Float64Array(groups * columns);
    this.floatSum = withFloat ? new Float64Array(groups * columns) : this.sum;
    this.second = new Float64Array(groups * columns * columns);
    this.cross = withFloat ? new Float64Array(groups * columns * columns) : null;
  }

  take(count: number, parts: { sum: Numbers; second: Numbers; floatSum?: Numbers; cross?: Numbers }): void {
    this.count += count;
    add(this.sum, parts.sum);
    add(this.second, parts.second);
    if (this.cross === null || parts.floatSum === undefined || parts.cross === undefined) return;
    add(this.floatSum, parts.floatSum);
    add(this.cross, parts.cross);
  }

  /** Turns the sums into means, in place: call it once, at the end. */
  means(): Moments {
    const scale = 1 / Math.max(1, this.count);
    for (const sums of new Set([this.sum, this.floatSum, this.second, this.cross])) {
      if (sums === null) continue;
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) * scale;
    }
    const { count, sum, floatSum, second, cross } = this;
    return { count, mean: sum, floatMean: floatSum, second, cross };
  }
}

type Numbers = ArrayLike<number>;

function add(into: Float64Array, numbers: Numbers): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) + (numbers[i] ?? 0);
}
