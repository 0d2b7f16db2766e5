import { add, and, cast, div, equal, gated, greater, less, masked, mul, where } from '../../graph/arithmetic';
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
    // The upper bound wins where the bounds contradict each other.
    const isLow = (bound: Term): Term =>
      high ? and(build, less(build, x, bound), less(build, bound, high)) : less(build, x, bound);
    return [
      wanted[0] ? (low || high ? gated(build, equal(build, x, y), dy) : dy) : null,
      wanted[1] && low ? masked(build, isLow(low), dy) : null,
      wanted[2] && high ? masked(build, greater(build, x, high), dy) : null,
    ];
  }),
};
