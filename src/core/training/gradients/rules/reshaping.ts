import { intsAttribute } from '../../../compression/graph/attributes';
import { reshape, transpose } from '../../graph/shaping';
import { rule, type RuleFamily } from '../family';

/** The same elements in another shape: back into the input's. */
const backInShape = rule(({ build, inputs: [x], gradients: [dy] }) => [x && dy ? reshape(build, dy, x.shape) : null]);

export const RESHAPING: RuleFamily = {
  Reshape: backInShape,
  Flatten: backInShape,
  Squeeze: backInShape,
  Unsqueeze: backInShape,
  Identity: rule(({ gradients: [dy] }) => [dy ?? null]),
  Transpose: rule(({ build, node, inputs: [x], gradients: [dy] }) => {
    if (!x || !dy) return [];
    const perm = intsAttribute(node, 'perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return [transpose(build, dy, inverse)];
  }),
};
