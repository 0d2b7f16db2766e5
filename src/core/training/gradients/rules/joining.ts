import { intAttribute } from '../../../compression/graph/attributes';
import { axisFromFront, concat, slice, zeros } from '../../graph/shaping';
import { rule, type RuleFamily } from '../family';

export const JOINING: RuleFamily = {
  /** To each piece its own part. */
  Concat: rule(({ build, node, inputs, outputs: [y], gradients: [dy], wanted }) => {
    if (!y || !dy) return [];
    const axis = axisFromFront(intAttribute(node, 'axis', 0), y.shape.length);
    let start = 0;
    return inputs.map((input, index) => {
      if (!input) return null;
      const from = start;
      start += input.shape[axis] ?? 0;
      return wanted[index] ? slice(build, dy, [axis], [from], [start]) : null;
    });
  }),
  /** The pieces' gradients joined; those that nothing depends on are zeros. */
  Split: rule(({ build, node, inputs: [x], outputs, gradients }) => {
    if (!x) return [];
    const axis = axisFromFront(intAttribute(node, 'axis', 0), x.shape.length);
    const pieces = outputs.map((output, index) => gradients[index] ?? zeros(build, output.shape));
    return [concat(build, pieces, axis)];
  }),
};
