import type { GraphBuilder } from '../../../graph/builder';
import type { Term } from '../../../graph/term';
import {
  type Block,
  BLOCKS,
  blockedConvolution,
  blockedWeight,
  depthwiseWeight,
  fewChannelsWeight,
  fromBlocked,
  toBlocked,
} from './blocked';
import { isDepthwise, type Layer } from './layer';
import { toSmall, withoutRest } from './plain';

export type ForwardForm = 'plain' | `blocked ${Block}`;

/** Ways to compute `toSmall` of this layer. */
export function forwardForms(layer: Layer): readonly [ForwardForm, ...ForwardForm[]] {
  return ['plain', ...BLOCKS.filter((block) => isBlockable(layer, block)).map((block) => `blocked ${block}` as const)];
}

function isBlockable(layer: Layer, block: Block): boolean {
  const { window, group, channels, outputs } = layer;
  if (window.kernel.length !== 2 || outputs % block !== 0) return false;
  if (isDepthwise(layer)) return true;
  return group === 1 && (channels % block === 0 || channels < block);
}

/** `[N, C, ...large] -> [N, O, ...small]` with the bias added. */
export function forward(
  build: GraphBuilder,
  layer: Layer,
  form: ForwardForm,
  [large, weight, bias = null]: readonly [Term, Term, (Term | null)?],
): Term {
  if (form === 'plain') return toSmall(build, layer, large, weight, bias);
  const block: Block = form === 'blocked 16' ? 16 : 8;
  const { window, batch, channels, outputs, group } = layer;
  const few = group === 1 && channels < block;
  const whole = withoutRest(build, window.after, large);
  const ordered = isDepthwise(layer)
    ? depthwiseWeight(build, weight, block)
    : few
      ? fewChannelsWeight(build, weight, block)
      : blockedWeight(build, weight, block);
  const after = window.after.map((length) => Math.max(0, length));
  const inputs = [few ? whole : toBlocked(build, whole, 'forward'), ordered, ...(bias ? [bias] : [])];
  const result = blockedConvolution(build, inputs, [batch, outputs, ...window.small], { ...window, after, group });
  return fromBlocked(build, result);
}
