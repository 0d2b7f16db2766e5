/** The 97.5 % quantile of the normal distribution: intervals are of 95 %. */
const Z = 1.959963984540054;

/**
 * Wilson's 95 % interval of a proportion, without continuity correction (Newcombe, Statistics in Medicine 17, 1998,
 * 857-872, method 3).
 * @returns [lo, hi] in 0..1; [0, 1] for no samples
 */
export function wilsonInterval(successes: number, samples: number): [number, number] {
  if (samples === 0) return [0, 1];
  const proportion = successes / samples;
  const square = Z * Z;
  const middle = 2 * successes + square;
  const spread = Z * Math.sqrt(square + 4 * successes * (1 - proportion));
  const divisor = 2 * (samples + square);
  // At 0 and 1 the exact limits are 0 and 1; rounding would leave 1e-17.
  const low = successes === 0 ? 0 : (middle - spread) / divisor;
  const high = successes === samples ? 1 : (middle + spread) / divisor;
  return [low, high];
}
