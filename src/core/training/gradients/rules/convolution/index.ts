import { intAttribute } from '../../../../compression/graph/attributes';
import type { Node } from '../../../../model/model';
import type { GraphBuilder } from '../../../graph/builder';
import { reduceSum } from '../../../graph/reduction';
import type { Term } from '../../../graph/term';
import type { RuleFamily } from '../../family';
import type { GradientRule, OperatorRule } from '../../rule';
import { chooseForm } from './computations';
import { forward } from './forward';
import { inputGradient } from './input-gradient';
import type { Layer } from './layer';
import { weightGradient } from './weight-gradient';
import { transposedWindowOf, windowOf, type Window } from './window';

const space = ({ shape }: Term): readonly number[] => shape.slice(2);

function layerOf(node: Node, window: Window, large: Term, small: Term): Layer {
  const [batch = 1, channels = 1] = large.shape;
  return { window, group: intAttribute(node, 'group', 1), batch, channels, outputs: small.shape[1] ?? 1 };
}

const convolutionLayer = (node: Node, x: Term, w: Term, y: Term): Layer =>
  layerOf(node, windowOf(node, space(w), space(x), space(y)), x, y);

const convolution: GradientRule = ({ build, node, inputs: [x, w, b], gradients: [dy], wanted }) => {
  if (!x || !w || !dy) return [];
  const layer = convolutionLayer(node, x, w, dy);
  return [
    wanted[0] ? inputGradient(build, layer, chooseForm(build, 'input gradient', layer), dy, w) : null,
    wanted[1] ? weightGradient(build, layer, chooseForm(build, 'weight gradient', layer), x, dy) : null,
    wanted[2] && b ? biasGradient(build, dy) : null,
  ];
};

/** A Conv in the form that was chosen for it. */
const convolutionForTraining: NonNullable<OperatorRule['forTraining']> = ({ build, node, inputs, outputs: [y] }) => {
  const [x, w, b = null] = inputs;
  if (!x || !w || !y) return null;
  const layer = convolutionLayer(node, x, w, y);
  const form = chooseForm(build, 'forward', layer);
  if (form === 'plain') return null;
  return build.primitive(node, inputs, () => [forward(build, layer, form, [x, w, b])], convolution);
};

const transposedConvolution: GradientRule = ({ build, node, inputs: [x, w, b], gradients: [dy], wanted }) => {
  if (!x || !w || !dy) return [];
  const layer = layerOf(node, transposedWindowOf(node, space(w), space(dy), space(x)), dy, x);
  return [
    wanted[0] ? forward(build, layer, chooseForm(build, 'forward', layer), [dy, w]) : null,
    wanted[1] ? weightGradient(build, layer, chooseForm(build, 'weight gradient', layer), dy, x) : null,
    wanted[2] && b ? biasGradient(build, dy) : null,
  ];
};

/** Over batch and space. */
function biasGradient(build: GraphBuilder, dy: Term): Term {
  const axes = dy.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return reduceSum(build, dy, axes, { keep: false });
}

export const CONVOLUTION: RuleFamily = {
  Conv: { gradient: convolution, forTraining: convolutionForTraining },
  ConvTranspose: { gradient: transposedConvolution },
};
