import type { GraphBuilder } from '../../../graph/builder';
import type { Term } from '../../../graph/term';
import { type Block, BLOCKS } from './blocked';
import { depthwiseWeightGradient } from './depthwise-weight-gradient';
import { byImages } from './images-weight-gradient';
import { isDepthwise, type Layer } from './layer';
import { weightGradient as swapped } from './plain';
import { byTaps } from './taps-weight-gradient';
import { isPointwise } from './window';

export type WeightGradientForm = 'plain' | 'taps' | `images ${Block}` | `depthwise ${Block}`;

/** A product a tap is no longer worth it for windows larger than this. */
const MOST_TAPS = 49;

/** Ways to compute the weights' gradient of this layer. */
export function weightGradientForms(layer: Layer): readonly [WeightGradientForm, ...WeightGradientForm[]] {
  const { window, group, batch, channels, outputs } = layer;
  const taps = window.kernel.reduce((product, length) => product * length, 1);
  const flat = window.kernel.length === 2;
  const byChannel = flat && isDepthwise(layer);
  const isSimple = flat && group === 1 && window.dilations.every((dilation) => dilation === 1);
  return [
    'plain',
    ...(taps <= MOST_TAPS && !byChannel ? (['taps'] as const) : []),
    ...(byChannel
      ? BLOCKS.filter((block) => channels % block === 0).map((block) => `depthwise ${block}` as const)
      : []),
    ...(isSimple && !isPointwise(window)
      ? BLOCKS.filter((block) => batch % block === 0 && outputs % block === 0).map(
          (block) => `images ${block}` as const,
        )
      : []),
  ];
}

/** `[O, C/group, ...kernel]`. */
export function weightGradient(
  build: GraphBuilder,
  layer: Layer,
  form: WeightGradientForm,
  large: Term,
  small: Term,
): Term {
  switch (form) {
    case 'plain':
      return swapped(build, layer, large, small);
    case 'taps':
      return byTaps(build, layer, large, small);
    case 'images 16':
    case 'images 8':
      return byImages(build, layer, form === 'images 16' ? 16 : 8, large, small);
    case 'depthwise 16':
    case 'depthwise 8':
      return depthwiseWeightGradient(build, layer, form === 'depthwise 16' ? 16 : 8, large, small);
  }
}
