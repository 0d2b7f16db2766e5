import { intAttribute } from '../../../../compression/graph/attributes';
import type { GraphBuilder } from '../../../graph/builder';
import { reduceSum } from '../../../graph/reduction';
import type { Term } from '../../../graph/term';
import { rule, type RuleFamily } from '../../family';
import type { GradientRule } from '../../rule';
import { toLarge, toSmall, weightGradient } from './plain';
import { transposedWindowOf, windowOf } from './window';

const space = ({ shape }: Term): readonly number[] => shape.slice(2);

const convolution: GradientRule = ({ build, node, inputs: [x, w, b], gradients: [dy], wanted }) => {
  if (!x || !w || !dy) return [];
  const layer = { window: windowOf(node, space(w), space(x), space(dy)), group: intAttribute(node, 'group', 1) };
  return [
    wanted[0] ? toLarge(build, layer, dy, w) : null,
    wanted[1] ? weightGradient(build, layer, x, dy) : null,
    wanted[2] && b ? biasGradient(build, dy) : null,
  ];
};

const transposedConvolution: GradientRule = ({ build, node, inputs: [x, w, b], gradients: [dy], wanted }) => {
  if (!x || !w || !dy) return [];
  const window = transposedWindowOf(node, space(w), space(dy), space(x));
  const layer = { window, group: intAttribute(node, 'group', 1) };
  return [
    wanted[0] ? toSmall(build, layer, dy, w) : null,
    wanted[1] ? weightGradient(build, layer, dy, x) : null,
    wanted[2] && b ? biasGradient(build, dy) : null,
  ];
};

/** Over batch and space. */
function biasGradient(build: GraphBuilder, dy: Term): Term {
  const axes = dy.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return reduceSum(build, dy, axes, { keep: false });
}

export const CONVOLUTION: RuleFamily = { Conv: rule(convolution), ConvTranspose: rule(transposedConvolution) };
