/** Mean and variance. */
export interface Spread {
  readonly mean: number;
  readonly variance: number;
}

/**
 * The moments of a normal distribution whose values are clipped to [low, high]: Nagel and others, Data-free quantization
 * through weight equalization and bias correction (2019), appendix C. `Relu` clips to [0, Infinity].
 */
export function clippedNormal(mean: number, deviation: number, low: number, high: number): Spread {
  if (!(deviation > 0)) return { mean: Math.min(high, Math.max(low, mean)), variance: 0 };
  const below = (low - mean) / deviation;
  const above = (high - mean) / deviation;
  const inside = cumulative(above) - cumulative(below);
  // Bounds at infinity are never reached; infinity times zero is not a number.
  const reached = (bound: number, share: number): number => (Number.isFinite(bound) ? bound * share : 0);
  const first =
    mean * inside +
    deviation * (density(below) - density(above)) +
    reached(low, cumulative(below)) +
    reached(high, 1 - cumulative(above));
  const second =
    (mean ** 2 + deviation ** 2) * inside +
    deviation * (reached(mean + low, density(below)) - reached(mean + high, density(above))) +
    reached(low ** 2, cumulative(below)) +
    reached(high ** 2, 1 - cumulative(above));
  return { mean: first, variance: Math.max(0, second - first ** 2) };
}

function density(x: number): number {
  return Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** The share of a standard normal distribution below x, to 1e-7: Abramowitz and Stegun, formula 26.2.17. */
function cumulative(x: number): number {
  if (x === Infinity) return 1;
  if (x < 0) return 1 - cumulative(-x);
  const t = 1 / (1 + 0.2316419 * x);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - density(x) * polynomial;
}
