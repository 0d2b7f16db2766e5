import { intAttribute, intsAttribute } from '../../../compression/graph/attributes';
import { elementsOf } from '../../../model/model';
import { and, cast, div, equal, exp, mul, neg, not, sign, sub, where } from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import { reduceProd, reduceSum } from '../../graph/reduction';
import { axisFromFront, expand, reshape } from '../../graph/shaping';
import type { Term } from '../../graph/term';
import { rule, type RuleFamily } from '../family';
import type { GradientCall, OperatorRule } from '../rule';

/** Axes that a reduction goes over: an input or an attribute, by the operator's age; all when there are none. */
export function reducedAxes({ build, node, inputs: [x, axesInput] }: GradientCall): readonly number[] {
  const rank = x?.shape.length ?? 0;
  const stated = intsAttribute(node, 'axes') ?? build.constantOf(axesInput) ?? [];
  if (stated.length > 0) return stated.map((axis) => axisFromFront(axis, rank));
  return intAttribute(node, 'noop_with_empty_axes', 0) !== 0 ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** What a reduction gives or gets, with its reduced dimensions as 1. */
export function withReducedAxes(call: GradientCall, term: Term): Term {
  const axes = new Set(reducedAxes(call));
  return reshape(call.build, term, call.inputs[0]?.shape.map((length, axis) => (axes.has(axis) ? 1 : length)) ?? []);
}

const repeated = (call: GradientCall): Term | null => {
  const [x, dy] = [call.inputs[0], call.gradients[0]];
  return x && dy ? expand(call.build, withReducedAxes(call, dy), x.shape) : null;
};

/** What a reduction's rule is made of: `y` and `dy` with the reduced dimensions as 1, so that they meet `x`. */
interface Reduced {
  readonly x: Term;
  readonly y: Term;
  readonly dy: Term;
  readonly axes: readonly number[];
}

const reduction = (slope: (build: GraphBuilder, values: Reduced) => Term): OperatorRule =>
  rule((call) => {
    const [x, y, dy] = [call.inputs[0], call.outputs[0], call.gradients[0]];
    if (!x || !y || !dy) return [];
    const values = { x, y: withReducedAxes(call, y), dy: withReducedAxes(call, dy), axes: reducedAxes(call) };
    return [slope(call.build, values)];
  });

/** To the elements that are the extreme, in equal parts, as PyTorch's `amax` has it. */
const extreme = reduction((build, { x, y, dy, axes }) => {
  const isChosen = cast(build, equal(build, x, y), 'float32');
  return mul(build, isChosen, div(build, dy, reduceSum(build, isChosen, axes)));
});

/** The product of the others: the whole one divided by the element, unless there are zeros. */
const product = reduction((build, { x, dy, axes }) => {
  const isZero = equal(build, x, 0);
  const divisor = where(build, isZero, 1, x);
  const ofOthers = reduceProd(build, divisor, axes);
  const zeros = reduceSum(build, cast(build, isZero, 'float32'), axes);
  const isAloneZero = and(build, isZero, equal(build, zeros, 1));
  const isAmongOthers = and(build, not(build, isZero), equal(build, zeros, 0));
  const slope = where(build, isAmongOthers, div(build, ofOthers, divisor), where(build, isAloneZero, ofOthers, 0));
  return mul(build, dy, slope);
});

/** 0 where the norm is 0, as PyTorch has it. */
const euclidean = reduction((build, { x, y, dy }) => {
  const isZero = equal(build, y, 0);
  return mul(build, x, where(build, isZero, 0, div(build, dy, where(build, isZero, 1, y))));
});

export const REDUCTIONS: RuleFamily = {
  ReduceSum: rule((call) => [repeated(call)]),
  ReduceMean: reduction((build, { x, y, dy }) =>
    expand(build, div(build, dy, elementsOf(x.shape) / elementsOf(y.shape)), x.shape),
  ),
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceProd: product,
  ReduceL1: reduction((build, { x, dy }) => mul(build, dy, sign(build, x))),
  ReduceL2: euclidean,
  ReduceSumSquare: reduction((build, { x, dy }) => mul(build, mul(build, dy, 2), x)),
  ReduceLogSum: reduction((build, { x, y, dy }) => expand(build, mul(build, dy, exp(build, neg(build, y))), x.shape)),
  ReduceLogSumExp: reduction((build, { x, y, dy }) => mul(build, dy, exp(build, sub(build, x, y)))),
};
