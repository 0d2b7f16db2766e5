import { add, div, mul, sqrt, square, sub } from '../graph/arithmetic';
import type { Optimizer } from './optimizer';

export interface RmsPropOptions {
  /** How slowly the mean of squares forgets. Default 0.99. */
  readonly alpha?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0. */
  readonly momentum?: number;
}

/** `v = a v + (1 - a) g^2; w -= rate * g / (sqrt(v) + e)` (Tieleman and Hinton 2012, in PyTorch's form). */
export function rmsprop({ alpha = 0.99, epsilon = 1e-8, momentum = 0 }: RmsPropOptions = {}): Optimizer {
  return {
    name: 'rmsprop',
    states: momentum === 0 ? ['square'] : ['square', 'momentum'],
    update({ build, parameters, gradient, states: [meanSquare, velocity], rate, weightDecay }) {
      if (!meanSquare) return { parameters, states: [] };
      const slope = weightDecay === 0 ? gradient : add(build, gradient, mul(build, parameters, weightDecay));
      const second = add(build, mul(build, meanSquare, alpha), mul(build, square(build, slope), 1 - alpha));
      const scaled = div(build, slope, add(build, sqrt(build, second), epsilon));
      if (!velocity) return { parameters: sub(build, parameters, mul(build, scaled, rate)), states: [second] };
      const moved = add(build, mul(build, velocity, momentum), scaled);
      return { parameters: sub(build, parameters, mul(build, moved, rate)), states: [second, moved] };
    },
  };
}
