import { intAttribute } from '../../../../compression/graph/attributes';
import { abs, div, equal, mul, pow, sign, where } from '../../../graph/arithmetic';
import type { GraphBuilder } from '../../../graph/builder';
import type { Term } from '../../../graph/term';
import { rule, type RuleFamily } from '../../family';
import type { GradientCall } from '../../rule';
import { poolingWindow, spread } from './spread';

/** Norm 2 unless the node states another. */
const DEFAULT_NORM = 2;

/** `y = (sum |x|^p)^(1/p)`: `|x|^(p-1) * sign x`, times `dy / y^(p-1)` of every window it is in; 0 where y is 0. */
function lpGradient({ build, node, inputs: [x], outputs: [y], gradients: [dy] }: GradientCall, spreading: Spreading) {
  if (!x || !y || !dy) return [];
  const norm = intAttribute(node, 'p', DEFAULT_NORM);
  const isZero = equal(build, y, 0);
  const slope = where(build, isZero, 0, div(build, dy, powered(build, where(build, isZero, 1, y), norm - 1)));
  return [mul(build, signedPower(build, x, norm - 1), spreading(build, slope, x, y))];
}

type Spreading = (build: GraphBuilder, slope: Term, x: Term, y: Term) => Term;

const powered = (build: GraphBuilder, term: Term, exponent: number): Term =>
  exponent === 1 ? term : pow(build, term, exponent);

const signedPower = (build: GraphBuilder, x: Term, exponent: number): Term =>
  exponent === 1 ? x : mul(build, powered(build, abs(build, x), exponent), sign(build, x));

export const LP_POOLING: RuleFamily = {
  LpPool: rule((call) =>
    lpGradient(call, (build, slope, x, y) => spread(build, poolingWindow(call.node, x, y), slope)),
  ),
  GlobalLpPool: rule((call) => lpGradient(call, (_build, slope) => slope)),
};
