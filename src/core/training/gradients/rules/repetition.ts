import { reduceSum } from '../../graph/reduction';
import { reshape } from '../../graph/shaping';
import { rule, type RuleFamily } from '../family';

export const REPETITION: RuleFamily = {
  /** Repeating is undone where all broadcasting is. */
  Expand: rule(({ gradients: [dy] }) => [dy ?? null]),
  /** The sum over the copies. */
  Tile: rule(({ build, inputs: [x], outputs: [y], gradients: [dy] }) => {
    if (!x || !y || !dy) return [];
    const copies = x.shape.flatMap((length, axis) => [(y.shape[axis] ?? 0) / length, length]);
    const axes = x.shape.flatMap((length, axis) => (y.shape[axis] === length ? [] : [2 * axis]));
    return [reshape(build, reduceSum(build, reshape(build, dy, copies), axes), x.shape)];
  }),
};
