import {
  add,
  and,
  cast,
  div,
  equal,
  gated,
  greater,
  less,
  lessOrEqual,
  masked,
  mul,
  not,
  or,
  where,
} from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import type { Term } from '../../graph/term';
import { rule, type RuleFamily } from '../family';

/** The gradient goes to the input that was chosen, in equal parts to those that are equal, as PyTorch has it. */
const extreme = rule(({ build, inputs, outputs: [y], gradients: [dy], wanted }) => {
  if (!y || !dy) return [];
  if (inputs.length === 1) return [dy];
  const isChosen = inputs.map((input) => input && cast(build, equal(build, input, y), 'float32'));
  const count = isChosen.reduce((sum, each) => (sum && each ? add(build, sum, each) : (sum ?? each)), null);
  const share = count ? div(build, dy, count) : dy;
  return isChosen.map((each, index) => (each && wanted[index] ? mul(build, share, each) : null));
});

/** Whether the lower bound is at most the upper one: `true` where the graph's constants say so already. */
function boundsAgree(build: GraphBuilder, low: Term, high: Term): Term | true {
  const [lowest, highest] = [build.constantOf(low)?.[0], build.constantOf(high)?.[0]];
  const isKnown = lowest !== undefined && highest !== undefined && lowest <= highest;
  return isKnown ? true : lessOrEqual(build, low, high);
}

function isCutAbove(build: GraphBuilder, x: Term, high: Term, agree: Term | true): Term {
  const above = greater(build, x, high);
  return agree === true ? above : or(build, above, not(build, agree));
}

export const SELECTION: RuleFamily = {
  Max: extreme,
  Min: extreme,
  Where: rule(({ build, inputs: [condition], gradients: [dy], wanted }) => {
    if (!condition || !dy) return [];
    return [null, wanted[1] ? masked(build, condition, dy) : null, wanted[2] ? where(build, condition, 0, dy) : null];
  }),
  /** Inside the bounds, and on them, the gradient passes, as PyTorch has it; outside it goes to the bound. */
  Clip: rule(({ build, inputs: [x, low, high], outputs: [y], gradients: [dy], wanted }) => {
    if (!x || !y || !dy) return [];
    // The upper bound wins where the bounds contradict each other: it alone is what comes out.
    const agree = low && high ? boundsAgree(build, low, high) : true;
    const bounded = (condition: Term): Term => (agree === true ? condition : and(build, condition, agree));
    return [
      wanted[0] ? (low || high ? gated(build, bounded(equal(build, x, y)), dy) : dy) : null,
      wanted[1] && low ? masked(build, bounded(less(build, x, low)), dy) : null,
      wanted[2] && high ? masked(build, isCutAbove(build, x, high, agree), dy) : null,
    ];
  }),
};
