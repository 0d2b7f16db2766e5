/** Natural logarithm of the gamma function (Lanczos, g = 7, nine terms; relative error below 1e-14). */
function logGamma(x: number): number {
  const [first = 0, ...rest] = LANCZOS;
  const sum = rest.reduce((total, term, index) => total + term / (x + index), first);
  const shifted = x + LANCZOS_G - 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(sum);
}

const LANCZOS_G = 7;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** The continued fraction converges in some tens of steps wherever `incompleteBeta` evaluates it. */
const MOST_STEPS = 1000;
const CONVERGED = 1e-15;

/** Regularized incomplete beta function I_x(a, b) (Numerical Recipes, section 6.4, by Lentz's method). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side of its turning point only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x) - Math.log(a),
  );
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < CONVERGED) break;
  }
  return front * fraction;
}

/** Two-sided p-value of Student's t with `freedom` degrees of freedom: P(|T| >= |t|). */
export function studentPValue(t: number, freedom: number): number {
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** The t beyond which, on both sides together, `share` of the distribution lies: 0.05 for 95 % intervals. */
export function studentQuantile(share: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (studentPValue(high, freedom) > share) high *= 2;
  // Bisection to the last bits of a double.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (studentPValue(middle, freedom) > share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
