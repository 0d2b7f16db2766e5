import { intAttribute } from '../../../compression/graph/attributes';
import { exp, mul, sub } from '../../graph/arithmetic';
import { reduceSum } from '../../graph/reduction';
import { axisFromFront } from '../../graph/shaping';
import { rule, type RuleFamily } from '../family';
import type { GradientRule } from '../rule';

/** Operator set 13 and later: over one axis, the last by default. */
const softmaxGradient: GradientRule = ({ build, node, outputs: [y], gradients: [dy] }) => {
  if (!y || !dy) return [];
  const axis = axisFromFront(intAttribute(node, 'axis', -1), y.shape.length);
  const weighted = mul(build, dy, y);
  return [sub(build, weighted, mul(build, y, reduceSum(build, weighted, [axis])))];
};

const logSoftmaxGradient: GradientRule = ({ build, node, outputs: [y], gradients: [dy] }) => {
  if (!y || !dy) return [];
  const axis = axisFromFront(intAttribute(node, 'axis', -1), y.shape.length);
  return [sub(build, dy, mul(build, exp(build, y), reduceSum(build, dy, [axis])))];
};

export const SOFTMAX: RuleFamily = { Softmax: rule(softmaxGradient), LogSoftmax: rule(logSoftmaxGradient) };
