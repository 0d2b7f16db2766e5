import { add, div, mul, sqrt, square, sub, tanh } from '../graph/arithmetic';
import type { GraphBuilder } from '../graph/builder';
import type { Term } from '../graph/term';
import type { Optimizer } from './optimizer';

export interface AdamOptions {
  /** How slowly the mean of gradients and of their squares forget. Defaults 0.9 and 0.999. */
  readonly beta1?: number;
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** True: the parameters shrink beside the step (AdamW, Loshchilov and Hutter 2019); false: decay goes into the gradient. */
  readonly decoupled?: boolean;
}

/**
 * `m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + e)`
 * (Kingma and Ba 2015).
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decoupled = false }: AdamOptions = {}): Optimizer {
  return {
    name: decoupled ? 'adamw' : 'adam',
    states: ['mean', 'square'],
    update({ build, parameters, gradient, states: [mean, meanSquare], rate, step, weightDecay }) {
      if (!mean || !meanSquare) return { parameters, states: [] };
      const coupled = weightDecay !== 0 && !decoupled;
      const slope = coupled ? add(build, gradient, mul(build, parameters, weightDecay)) : gradient;
      const first = add(build, mul(build, mean, beta1), mul(build, slope, 1 - beta1));
      const second = add(build, mul(build, meanSquare, beta2), mul(build, square(build, slope), 1 - beta2));
      const root = add(build, div(build, sqrt(build, second), sqrt(build, bias(build, beta2, step))), epsilon);
      const move = mul(build, div(build, first, root), div(build, rate, bias(build, beta1, step)));
      const shrunk =
        weightDecay !== 0 && decoupled
          ? mul(build, parameters, sub(build, 1, mul(build, rate, weightDecay)))
          : parameters;
      return { parameters: sub(build, shrunk, move), states: [first, second] };
    },
  };
}

/**
 * `1 - beta^t`, as `-2h / (1 - h)` with `h = tanh(t ln(beta) / 2)`: taking the power from 1 would leave two digits less
 * of float32 in the first steps.
 */
function bias(build: GraphBuilder, beta: number, step: Term): Term {
  const half = tanh(build, mul(build, step, Math.log(beta) / 2));
  return div(build, mul(build, half, -2), sub(build, 1, half));
}
