import { intAttribute, intsAttribute } from '../../../compression/graph/attributes';
import { elementsOf } from '../../../model/model';
import { div } from '../../graph/arithmetic';
import { axisFromFront, expand, reshape } from '../../graph/shaping';
import type { Term } from '../../graph/term';
import { rule, type RuleFamily } from '../family';
import type { GradientCall } from '../rule';

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

export const REDUCTIONS: RuleFamily = {
  ReduceSum: rule((call) => [repeated(call)]),
  ReduceMean: rule((call) => {
    const [{ build, inputs, outputs, gradients }, [x]] = [call, call.inputs];
    const [y, dy] = [outputs[0], gradients[0]];
    if (!x || !y || !dy) return inputs.map(() => null);
    const count = elementsOf(x.shape) / elementsOf(y.shape);
    return [expand(build, withReducedAxes(call, div(build, dy, count)), x.shape)];
  }),
};
