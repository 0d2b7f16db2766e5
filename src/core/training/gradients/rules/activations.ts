import { greater, masked, mul, square, sub } from '../../graph/arithmetic';
import { elementwise, type RuleFamily } from '../family';

export const ACTIVATIONS: RuleFamily = {
  /** 0 at 0, as PyTorch has it. */
  Relu: elementwise((build, { dy, y }) => masked(build, greater(build, y, 0), dy)),
  Sigmoid: elementwise((build, { dy, y }) => mul(build, dy, mul(build, y, sub(build, 1, y)))),
  Tanh: elementwise((build, { dy, y }) => mul(build, dy, sub(build, 1, square(build, y)))),
};
