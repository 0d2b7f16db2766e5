import { add, mul, sub } from '../graph/arithmetic';
import type { Optimizer } from './optimizer';

export interface SgdOptions {
  /** Default 0. */
  readonly momentum?: number;
  /** Looks one step ahead (Sutskever et al. 2013, in PyTorch's form). Default false. */
  readonly nesterov?: boolean;
}

/** `v = m * v + g; w -= rate * v`, or with Nesterov `w -= rate * (g + m * v)`. Decay is added to the gradient. */
export function sgd({ momentum = 0, nesterov = false }: SgdOptions = {}): Optimizer {
  return {
    name: 'sgd',
    states: momentum === 0 ? [] : ['momentum'],
    update({ build, parameters, gradient, states: [velocity], rate, weightDecay }) {
      const decayed = weightDecay === 0 ? gradient : add(build, gradient, mul(build, parameters, weightDecay));
      if (!velocity) return { parameters: sub(build, parameters, mul(build, decayed, rate)), states: [] };
      const moved = add(build, mul(build, velocity, momentum), decayed);
      const direction = nesterov ? add(build, decayed, mul(build, moved, momentum)) : moved;
      return { parameters: sub(build, parameters, mul(build, direction, rate)), states: [moved] };
    },
  };
}
