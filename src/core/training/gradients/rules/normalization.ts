import { floatAttribute, intAttribute } from '../../../compression/graph/attributes';
import type { Node } from '../../../model/model';
import { add, div, mul, reciprocal, sign, sqrt, square, sub } from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import { reduceL1, reduceL2, reduceMean, reduceSum } from '../../graph/reduction';
import { axisFromFront, reshape } from '../../graph/shaping';
import { float32, type Term } from '../../graph/term';
import { rule, type RuleFamily } from '../family';
import type { GradientRule } from '../rule';

/** Values divided by their deviation, their mean taken off first where `centered`. */
interface Normalized {
  readonly values: Term;
  /** 1 / deviation, with dimensions of 1 along the axes. */
  readonly inverse: Term;
  readonly axes: readonly number[];
  readonly centered: boolean;
}

const epsilonOf = (node: Node): number => floatAttribute(node, 'epsilon', 1e-5);
const axesFrom = (first: number, rank: number): number[] => Array.from({ length: rank - first }, (_, at) => first + at);

function normalized(
  build: GraphBuilder,
  x: Term,
  axes: readonly number[],
  epsilon: number,
  centered = true,
): Normalized {
  const moved = centered ? sub(build, x, reduceMean(build, x, axes)) : x;
  const variance = reduceMean(build, square(build, moved), axes);
  const inverse = reciprocal(build, sqrt(build, add(build, variance, epsilon)));
  return { values: mul(build, moved, inverse), inverse, axes, centered };
}

/** `dx = (g - mean(g) - normalized * mean(g * normalized)) / deviation`, for `g` the gradient of the normalized values. */
function towardsInput(build: GraphBuilder, { values, inverse, axes, centered }: Normalized, g: Term): Term {
  const along = mul(build, values, reduceMean(build, mul(build, g, values), axes));
  const rest = sub(build, centered ? sub(build, g, reduceMean(build, g, axes)) : g, along);
  return mul(build, rest, inverse);
}

/** Layer normalization once more with a scale of 1: one pass gives the normalized values and the deviation. */
function layerNormalized(build: GraphBuilder, node: Node, x: Term, axis: number): Normalized {
  const axes = axesFrom(axis, x.shape.length);
  const statistic = float32(x.shape.map((length, at) => (at >= axis ? 1 : length)));
  const [values = x, , inverse = x] = build.emit(
    'LayerNormalization',
    [x, build.constant(1, x.shape.slice(axis))],
    [float32(x.shape), statistic, statistic],
    { axis: { kind: 'int', value: axis }, epsilon: { kind: 'float', value: epsilonOf(node) } },
  );
  return { values, inverse, axes, centered: true };
}

/** Scale and bias have the normalized dimensions, so that theirs are summed over the others. */
const layerGradient =
  (centered: boolean): GradientRule =>
  ({ build, node, inputs: [x, scale], gradients: [dy], wanted }) => {
    if (!x || !scale || !dy) return [];
    const axis = axisFromFront(intAttribute(node, 'axis', -1), x.shape.length);
    const lean = (): Normalized => normalized(build, x, axesFrom(axis, x.shape.length), epsilonOf(node), false);
    const result = wanted[0] || wanted[1] ? (centered ? layerNormalized(build, node, x, axis) : lean()) : null;
    return [
      wanted[0] && result ? towardsInput(build, result, mul(build, dy, scale)) : null,
      wanted[1] && result ? mul(build, dy, result.values) : null,
      wanted[2] ? dy : null,
    ];
  };

/**
 * Normalization of `groups` groups of channels, each over its channels and all positions. Scale and bias are one a
 * channel, or one a group as operator set 18 had it.
 */
const groupedGradient =
  (groupsOf: (node: Node, channels: number) => number): GradientRule =>
  ({ build, node, inputs: [x, scale], gradients: [dy], wanted }) => {
    if (!x || !scale || !dy) return [];
    const [batch = 1, channels = 1, ...positions] = x.shape;
    const groups = groupsOf(node, channels);
    const area = positions.reduce((product, length) => product * length, 1);
    // One scale covers `parts`: a channel's positions, or a whole group's values.
    const count = scale.shape[0] ?? 1;
    const parts = [batch, count, (channels / count) * area];
    const inParts = (term: Term): Term => reshape(build, term, parts);
    const grouped = (term: Term): Term => reshape(build, term, [batch, groups, (channels / groups) * area]);
    const summed = (term: Term): Term => reduceSum(build, inParts(term), [0, 2], { keep: false });
    const result = wanted[0] || wanted[1] ? normalized(build, grouped(x), [2], epsilonOf(node)) : null;
    const g = (): Term => grouped(mul(build, inParts(dy), reshape(build, scale, [1, count, 1])));
    return [
      wanted[0] && result ? reshape(build, towardsInput(build, result, g()), x.shape) : null,
      wanted[1] && result ? summed(mul(build, grouped(dy), result.values)) : null,
      wanted[2] ? summed(dy) : null,
    ];
  };

/** `y = x / |x|`, the norm along one axis. */
const toUnitLength: GradientRule = ({ build, node, inputs: [x], outputs: [y], gradients: [dy] }) => {
  if (!x || !y || !dy) return [];
  const axes = [axisFromFront(intAttribute(node, 'axis', -1), x.shape.length)];
  const isEuclidean = intAttribute(node, 'p', 2) === 2;
  const norm = (isEuclidean ? reduceL2 : reduceL1)(build, x, axes);
  const direction = isEuclidean ? y : sign(build, x);
  return [div(build, sub(build, dy, mul(build, direction, reduceSum(build, mul(build, dy, y), axes))), norm)];
};

export const NORMALIZATION: RuleFamily = {
  LayerNormalization: rule(layerGradient(true)),
  RMSNormalization: rule(layerGradient(false)),
  InstanceNormalization: rule(groupedGradient((_node, channels) => channels)),
  GroupNormalization: rule(groupedGradient((node) => intAttribute(node, 'num_groups', 1))),
  LpNormalization: rule(toUnitLength),
};
