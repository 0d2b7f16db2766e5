import { floatAttribute } from '../../../compression/graph/attributes';
import {
  abs,
  add,
  and,
  div,
  gated,
  greater,
  less,
  masked,
  mul,
  sigmoid,
  softplus,
  square,
  sub,
  tanh,
  where,
} from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import type { Term } from '../../graph/term';
import { elementwise, type ElementValues, rule, type RuleFamily } from '../family';

/** The gradient as it comes where `x` is above 0, and `slope` of it elsewhere: at 0 too, as PyTorch has it. */
const rectified = (build: GraphBuilder, { dy, x }: ElementValues, slope: Term | number): Term =>
  where(build, greater(build, x, 0), dy, mul(build, dy, slope));

/** Selu's defaults in ONNX. */
const SELU_ALPHA = 1.6732632423543772;
const SELU_GAMMA = 1.0507009873554805;

export const ACTIVATIONS: RuleFamily = {
  /** 0 at 0, as PyTorch has it. */
  Relu: elementwise((build, { dy, y }) => gated(build, greater(build, y, 0), dy)),
  Sigmoid: elementwise((build, { dy, y }) => mul(build, dy, mul(build, y, sub(build, 1, y)))),
  Tanh: elementwise((build, { dy, y }) => mul(build, dy, sub(build, 1, square(build, y)))),
  LeakyRelu: elementwise((build, values) => rectified(build, values, floatAttribute(values.node, 'alpha', 0.01))),
  /** The slope is a weight, one a channel or one for all. */
  PRelu: rule(({ build, node, inputs: [x, slope], outputs: [y], gradients: [dy], wanted }) => {
    if (!x || !slope || !y || !dy) return [];
    return [
      wanted[0] ? rectified(build, { dy, x, y, node }, slope) : null,
      wanted[1] ? where(build, greater(build, x, 0), 0, mul(build, dy, x)) : null,
    ];
  }),
  ThresholdedRelu: elementwise((build, { dy, x, node }) =>
    masked(build, greater(build, x, floatAttribute(node, 'alpha', 1)), dy),
  ),
  /** Below 0, `alpha e^x`, which is `y + alpha`. */
  Elu: elementwise((build, values) =>
    rectified(build, values, add(build, values.y, floatAttribute(values.node, 'alpha', 1))),
  ),
  Selu: elementwise((build, { dy, x, y, node }) => {
    const gamma = floatAttribute(node, 'gamma', SELU_GAMMA);
    const below = add(build, y, gamma * floatAttribute(node, 'alpha', SELU_ALPHA));
    return mul(build, dy, where(build, greater(build, x, 0), gamma, below));
  }),
  /** Below 0, `e^(x / alpha)`, which is `y / alpha + 1`. */
  Celu: elementwise((build, values) =>
    rectified(build, values, add(build, div(build, values.y, floatAttribute(values.node, 'alpha', 1)), 1)),
  ),
  HardSigmoid: elementwise((build, { dy, y, node }) => {
    const isBetween = and(build, greater(build, y, 0), less(build, y, 1));
    return masked(build, isBetween, mul(build, dy, floatAttribute(node, 'alpha', 0.2)));
  }),
  /** Between -3 and 3, `x / 3 + 1 / 2`; on them 0 and 1, as PyTorch has it. */
  HardSwish: elementwise((build, { dy, x }) => {
    const sloped = mul(build, dy, add(build, div(build, x, 3), 0.5));
    return masked(build, greater(build, x, -3), where(build, less(build, x, 3), sloped, dy));
  }),
  Softplus: elementwise((build, { dy, x }) => mul(build, dy, sigmoid(build, x))),
  Softsign: elementwise((build, { dy, x }) => div(build, dy, square(build, add(build, abs(build, x), 1)))),
  /** `x tanh(softplus x)`. */
  Mish: elementwise((build, { dy, x }) => {
    const squashed = tanh(build, softplus(build, x));
    const rising = mul(build, mul(build, x, sigmoid(build, x)), sub(build, 1, square(build, squashed)));
    return mul(build, dy, add(build, squashed, rising));
  }),
  /** `x sigmoid(alpha x)`, as the runtime fuses it. */
  'com.microsoft.QuickGelu': elementwise((build, { dy, x, node }) => {
    const alpha = floatAttribute(node, 'alpha', 1.702);
    const gate = sigmoid(build, mul(build, x, alpha));
    const rising = mul(build, mul(build, x, alpha), sub(build, 1, gate));
    return mul(build, dy, mul(build, gate, add(build, rising, 1)));
  }),
};
