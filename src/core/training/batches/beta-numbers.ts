/** A number from Beta(shape, shape): the share that one of two gamma numbers has of both. */
export function betaNumber(shape: number, random: () => number): number {
  const [one, other] = [gammaNumber(shape, random), gammaNumber(shape, random)];
  // Of very small shapes both can come out as 0: then it is one end or the other, as it nearly always is.
  return one + other === 0 ? Math.round(random()) : one / (one + other);
}

/** A number from Gamma(shape, 1) (Marsaglia and Tsang 2000; shapes below 1 by their remark). */
function gammaNumber(shape: number, random: () => number): number {
  if (shape < 1) return gammaNumber(shape + 1, random) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normalNumber(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A number from the standard normal distribution (Box and Muller 1958). */
function normalNumber(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
