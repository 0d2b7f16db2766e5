import { stringAttribute } from '../../../compression/graph/attributes';
import { add, div, erf, exp, mul, square, sub, tanh } from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import type { Term } from '../../graph/term';
import { elementwise, type RuleFamily } from '../family';

/** `Φ(x) + x φ(x)`, with the normal distribution's function and density. */
function exactSlope(build: GraphBuilder, x: Term): Term {
  const below = mul(build, add(build, erf(build, div(build, x, Math.SQRT2)), 1), 0.5);
  const density = mul(build, exp(build, mul(build, square(build, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(build, below, mul(build, x, density));
}

/** Cubic coefficient of the approximation (Hendrycks and Gimpel 2016). */
const CUBIC = 0.044715;

/** Of `x (1 + tanh u) / 2` with `u = sqrt(2 / π) (x + 0.044715 x³)`. */
function approximateSlope(build: GraphBuilder, x: Term): Term {
  const scale = Math.sqrt(2 / Math.PI);
  const squared = square(build, x);
  const inner = mul(build, mul(build, x, add(build, mul(build, squared, CUBIC), 1)), scale);
  const innerSlope = mul(build, add(build, mul(build, squared, 3 * CUBIC), 1), scale);
  const bent = tanh(build, inner);
  const rising = mul(build, mul(build, x, sub(build, 1, square(build, bent))), innerSlope);
  return mul(build, add(build, add(build, bent, 1), rising), 0.5);
}

const gelu = elementwise((build, { dy, x, node }) =>
  mul(build, dy, (stringAttribute(node, 'approximate', 'none') === 'tanh' ? approximateSlope : exactSlope)(build, x)),
);

/** The standard's operator is there from operator set 20; the runtime's own has the exact form. */
export const GELU: RuleFamily = { Gelu: gelu, 'com.microsoft.Gelu': gelu };
