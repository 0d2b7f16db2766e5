import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from '../../../../compression/graph/attributes';
import { mapAxis } from '../../../graph/product';
import { axisFromFront } from '../../../graph/shaping';
import { rule, type RuleFamily } from '../../family';
import { numbersOf, unsupportedForm } from '../../numbers';
import type { GradientCall, GradientRule } from '../../rule';
import { interpolation, type Sampling } from './interpolation';

/** The scale of each axis: as stated, or what the lengths come to. */
function scalesOf(call: GradientCall, from: readonly number[], to: readonly number[]): readonly number[] {
  const ratios = from.map((length, axis) => (to[axis] ?? length) / length);
  const isStated = call.inputs[2] && call.inputs[2].shape[0] !== 0;
  if (!isStated || intsAttribute(call.node, 'axes') !== null) {
    const axes = intsAttribute(call.node, 'axes')?.map((axis) => axisFromFront(axis, from.length));
    if (!isStated || !axes) return ratios;
    const stated = numbersOf(call, 2, 'scales');
    return ratios.map((ratio, axis) => stated[axes.indexOf(axis)] ?? ratio);
  }
  return numbersOf(call, 2, 'scales').map((scale, axis) => scale || (ratios[axis] ?? 1));
}

/** Resizing is a linear map of each axis; backwards, the transposed ones. */
const resizeGradient: GradientRule = (call) => {
  const { build, node } = call;
  const [x, y, dy] = [call.inputs[0], call.outputs[0], call.gradients[0]];
  if (!x || !y || !dy) return [];
  const mode = stringAttribute(node, 'mode', 'nearest');
  const isKnown = (name: string): name is Sampling['mode'] => ['nearest', 'linear', 'cubic'].includes(name);
  if (!isKnown(mode)) throw unsupportedForm(call, `mode ${mode}`);
  if (intAttribute(node, 'antialias', 0) !== 0) throw unsupportedForm(call, 'antialias');
  const coordinates = stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel');
  const scales = scalesOf(call, x.shape, y.shape);
  const result = x.shape.reduce((gradient, from, axis) => {
    const [to, scale] = [y.shape[axis] ?? from, scales[axis] ?? 1];
    if (to === from && scale === 1) return gradient;
    const forward = interpolation({
      ...{ mode, coordinates, from, to, scale },
      rounding: stringAttribute(node, 'nearest_mode', 'round_prefer_floor'),
      cubicCoefficient: floatAttribute(node, 'cubic_coeff_a', -0.75),
      excludesOutside: intAttribute(node, 'exclude_outside', 0) !== 0,
    });
    if (!forward) throw unsupportedForm(call, `coordinates ${coordinates}`);
    const backward = Array.from({ length: from }, (_, element) => forward.map((row) => row[element] ?? 0));
    return mapAxis(build, gradient, axis, backward);
  }, dy);
  return [result];
};

export const RESIZE: RuleFamily = { Resize: rule(resizeGradient) };
