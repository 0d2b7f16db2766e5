import { div, equal, log, mul, neg, pow, sub, where } from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import type { Term } from '../../graph/term';
import { pairwise, type PairValues, rule, type RuleFamily } from '../family';

const same = (_build: GraphBuilder, { dy }: PairValues): Term => dy;

/**
 * `y = a ^ b`: `b * a^(b-1)` towards the base, 0 where the exponent is 0; towards the exponent `y * ln a`, 0 where the
 * base is 0.
 */
const power = pairwise(
  (build, { a, b, dy }) => {
    const exponents = build.constantOf(b);
    const exponent = exponents?.length === 1 ? exponents[0] : undefined;
    if (exponent !== undefined && exponent !== 0) return mul(build, dy, mul(build, b, pow(build, a, exponent - 1)));
    // 0 to the power -1 is infinite, and 0 times that not a number.
    const lower = where(build, equal(build, b, 0), 0, sub(build, b, 1));
    return mul(build, dy, mul(build, b, pow(build, a, lower)));
  },
  (build, { a, y, dy }) => {
    const isZero = equal(build, a, 0);
    return mul(build, dy, mul(build, y, where(build, isZero, 0, log(build, where(build, isZero, 1, a)))));
  },
);

export const ARITHMETIC: RuleFamily = {
  Add: pairwise(same, same),
  Sub: pairwise(same, (build, { dy }) => neg(build, dy)),
  Mul: pairwise(
    (build, { b, dy }) => mul(build, dy, b),
    (build, { a, dy }) => mul(build, dy, a),
  ),
  Div: pairwise(
    (build, { b, dy }) => div(build, dy, b),
    (build, { b, y, dy }) => neg(build, div(build, mul(build, dy, y), b)),
  ),
  Pow: power,
  /** The same gradient for every summand. */
  Sum: rule(({ inputs, gradients: [dy] }) => inputs.map(() => dy ?? null)),
};
