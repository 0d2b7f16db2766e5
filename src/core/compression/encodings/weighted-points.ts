/** Distinct values in ascending order and how much each weighs. */
export interface WeightedPoints {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

/** Sorts finite values in place and counts equal ones. NaN and infinities are left out. */
export function pointsOf(numbers: Float32Array): WeightedPoints {
  // NaN comes last.
  numbers.sort();
  const values = new Float64Array(numbers.length);
  const weights = new Float64Array(numbers.length);
  let points = 0;
  for (const value of numbers) {
    if (!Number.isFinite(value)) continue;
    if (points === 0 || values[points - 1] !== value) values[points++] = value;
    weights[points - 1] = (weights[points - 1] ?? 0) + 1;
  }
  return { values: values.subarray(0, points), weights: weights.subarray(0, points) };
}

/**
 * Sums over the points before each index, so that any stretch of them has its weight, sum and squared error in a few
 * operations. Sums run outwards from the median: they would lose the digits of small values behind those of large ones.
 */
export class Moments {
  private readonly weight: Float64Array;
  private readonly sum: Float64Array;
  private readonly squares: Float64Array;
  private readonly centre: number;

  constructor(readonly points: WeightedPoints) {
    const { values, weights } = points;
    const length = values.length;
    this.weight = new Float64Array(length + 1);
    this.sum = new Float64Array(length + 1);
    this.squares = new Float64Array(length + 1);
    const middle = medianIndex(weights);
    this.centre = values[middle] ?? 0;
    for (let index = middle; index < length; index++) this.step(index, index, index + 1, 1);
    for (let index = middle - 1; index >= 0; index--) this.step(index, index + 1, index, -1);
  }

  private step(point: number, from: number, to: number, sign: number): void {
    const weight = this.points.weights[point] ?? 0;
    const value = (this.points.values[point] ?? 0) - this.centre;
    this.weight[to] = (this.weight[from] ?? 0) + sign * weight;
    this.sum[to] = (this.sum[from] ?? 0) + sign * weight * value;
    this.squares[to] = (this.squares[from] ?? 0) + sign * weight * value * value;
  }

  get length(): number {
    return this.points.values.length;
  }

  /** Mean of the points `from` to `to - 1`. */
  mean(from: number, to: number): number {
    const weight = (this.weight[to] ?? 0) - (this.weight[from] ?? 0);
    return this.centre + ((this.sum[to] ?? 0) - (this.sum[from] ?? 0)) / weight;
  }

  /** Sums at the given indices alone; a stretch between two of them has the same figures as here. */
  at(indices: Int32Array): { weight: Float64Array; sum: Float64Array; squares: Float64Array } {
    const pick = (all: Float64Array) => Float64Array.from(indices, (index) => all[index] ?? 0);
    return { weight: pick(this.weight), sum: pick(this.sum), squares: pick(this.squares) };
  }

  /** How many points lie below a value. */
  below(value: number): number {
    const { values } = this.points;
    let low = 0;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function medianIndex(weights: Float64Array): number {
  const half = weights.reduce((a, b) => a + b, 0) / 2;
  let reached = 0;
  for (let index = 0; index < weights.length; index++) {
    reached += weights[index] ?? 0;
    if (reached >= half) return index;
  }
  return 0;
}
