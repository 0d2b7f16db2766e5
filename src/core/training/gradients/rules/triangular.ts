import { intAttribute, withAttributes } from '../../../compression/graph/attributes';
import { rule, type RuleFamily } from '../family';
import type { GradientCall } from '../rule';
import type { Term } from '../../graph/term';

/** The same operator with the same settings, on the gradient. */
function again({ build, node, inputs: [, setting] }: GradientCall, dy: Term, changed = node): Term {
  return build.one(node.opType, setting ? [dy, setting] : [dy], dy, Object.fromEntries(changed.attributes));
}

/** Products with a triangle of ones, and what keeps a triangle. */
export const TRIANGULAR: RuleFamily = {
  /** From the other end. */
  CumSum: rule((call) => {
    const [dy] = call.gradients;
    const reverse = intAttribute(call.node, 'reverse', 0) === 0 ? 1 : 0;
    return [dy ? again(call, dy, withAttributes(call.node, { reverse: { kind: 'int', value: reverse } })) : null];
  }),
  Trilu: rule((call) => {
    const [dy] = call.gradients;
    return [dy ? again(call, dy) : null];
  }),
};
