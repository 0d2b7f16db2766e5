import type { GraphBuilder } from '../../../graph/builder';
import { gather, pad, reshape, transpose } from '../../../graph/shaping';
import { float32, type Term } from '../../../graph/term';
import {
  backwardPadding,
  type Block,
  BLOCKS,
  blockedBackwardWeight,
  blockedConvolution,
  depthwiseWeight,
  fromBlocked,
  toBlocked,
} from './blocked';
import { isDepthwise, type Layer } from './layer';
import { toLarge } from './plain';

export type InputGradientForm = 'plain' | 'turned' | `blocked ${Block}`;

/** Ways to compute `toLarge` of this layer. */
export function inputGradientForms(layer: Layer): readonly [InputGradientForm, ...InputGradientForm[]] {
  const { window, group, channels, outputs } = layer;
  const { before, after } = backwardPadding(window);
  if ([...before, ...after].some((length) => length < 0)) return ['plain'];
  const single = group === 1 && window.strides.every((stride) => stride === 1);
  const blocks = BLOCKS.filter((block) => channels % block === 0 && outputs % block === 0);
  const isSimple = window.kernel.length === 2 && (group === 1 || isDepthwise(layer));
  return [
    'plain',
    ...(single ? (['turned'] as const) : []),
    ...(isSimple ? blocks.map((block) => `blocked ${block}` as const) : []),
  ];
}

/** `[N, O, ...small] -> [N, C, ...large]`. */
export function inputGradient(
  build: GraphBuilder,
  layer: Layer,
  form: InputGradientForm,
  small: Term,
  weight: Term,
): Term {
  if (form === 'plain') return toLarge(build, layer, small, weight);
  if (form === 'turned') return byTurnedWeight(build, layer, small, weight);
  return inBlocks(build, layer, form === 'blocked 16' ? 16 : 8, small, weight);
}

/** A Conv with its weights turned around and inputs and outputs exchanged. */
function byTurnedWeight(build: GraphBuilder, { window, batch, channels }: Layer, small: Term, weight: Term): Term {
  const { kernel, dilations, large } = window;
  const { before, after } = backwardPadding(window);
  const [outputs = 1, inputs = 1] = weight.shape;
  const taps = kernel.reduce((product, length) => product * length, 1);
  const backwards = build.integers(Array.from({ length: taps }, (_, tap) => taps - 1 - tap));
  const flat = reshape(build, weight, [outputs, inputs, taps]);
  const around = taps === 1 ? flat : gather(build, flat, backwards, 2);
  const turned = reshape(build, transpose(build, around, [1, 0, 2]), [inputs, outputs, ...kernel]);
  return build.one('Conv', [small, turned], float32([batch, channels, ...large]), {
    pads: { kind: 'ints', value: [...before, ...after] },
    dilations: { kind: 'ints', value: dilations },
  });
}

/** The same in the runtime's layout, zeros put between elements where the window strides. */
function inBlocks(build: GraphBuilder, layer: Layer, block: Block, small: Term, weight: Term): Term {
  const { window, batch, channels, group } = layer;
  const depthwise = isDepthwise(layer);
  const turned = depthwise ? depthwiseWeight(build, weight, block, true) : blockedBackwardWeight(build, weight, block);
  const spread = withZerosBetween(build, layer, block, toBlocked(build, small, 'backward'));
  const { kernel, dilations, large } = window;
  const result = blockedConvolution(build, [spread, turned], [batch, channels, ...large], {
    ...{ kernel, dilations, group: depthwise ? group : 1 },
    ...backwardPadding(window),
  });
  return fromBlocked(build, result);
}

/** `[..., H, W, block]` as `[..., H * stride, W * stride, block]`. */
function withZerosBetween(build: GraphBuilder, { window, batch, outputs }: Layer, block: Block, small: Term): Term {
  const [down = 1, right = 1] = window.strides;
  if (down === 1 && right === 1) return small;
  const [height = 1, width = 1] = window.small;
  const rows = reshape(build, small, [(batch * outputs * height) / block, 1, width, block]);
  const padded = pad(build, rows, [0, 0, 0, 0], [0, down - 1, 0, (right - 1) * block]);
  return reshape(build, padded, [batch, outputs, height * down, width * right]);
}
