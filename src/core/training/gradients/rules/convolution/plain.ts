import type { GraphBuilder } from '../../../graph/builder';
import { pad, reshape, transpose } from '../../../graph/shaping';
import { float32, type Term } from '../../../graph/term';
import type { Layer } from './layer';
import { convolutionAttributes } from './window';

/** `[N, C, ...large] -> [N, O, ...small]`. */
export function toSmall(
  build: GraphBuilder,
  { window, group, batch, outputs }: Layer,
  large: Term,
  weight: Term,
  bias: Term | null = null,
): Term {
  const whole = withoutRest(build, window.after, large);
  const inputs = bias ? [whole, weight, bias] : [whole, weight];
  return build.one('Conv', inputs, float32([batch, outputs, ...window.small]), convolutionAttributes(window, group));
}

/** `[N, O, ...small] -> [N, C, ...large]`: what `toSmall` does, transposed. */
export function toLarge(
  build: GraphBuilder,
  { window, group, batch, channels }: Layer,
  small: Term,
  weight: Term,
): Term {
  const shape = [batch, channels, ...window.large];
  const rest = window.after.map((length) => Math.max(0, -length));
  return build.one('ConvTranspose', [small, weight], float32(shape), {
    ...convolutionAttributes(window, group),
    output_padding: { kind: 'ints', value: rest },
  });
}

/**
 * `[O, C/group, ...kernel]`: the large grid is convolved with the small one as its weights, batch and channels having
 * changed places, so that strides and dilations do too.
 */
export function weightGradient(build: GraphBuilder, layer: Layer, large: Term, small: Term): Term {
  const { window, group, batch, outputs } = layer;
  const { kernel, strides, dilations, before, after } = window;
  const space = kernel.map((_, axis) => axis);
  const channels = layer.channels / group;
  const whole = withoutRest(build, after, large);
  const lengths = whole.shape.slice(2);
  const grouped = reshape(build, whole, [batch, group, channels, ...lengths]);
  const channelsFirst = transpose(build, grouped, [2, 1, 0, ...space.map((axis) => axis + 3)]);
  const swapped = { ...window, strides: dilations, dilations: strides, before, after };
  const gradient = build.one(
    'Conv',
    [
      reshape(build, channelsFirst, [channels, group * batch, ...lengths]),
      transpose(build, small, [1, 0, ...space.map((axis) => axis + 2)]),
    ],
    float32([channels, outputs, ...kernel]),
    convolutionAttributes(swapped, group),
  );
  return transpose(build, gradient, [1, 0, ...space.map((axis) => axis + 2)]);
}

/** The large grid without elements at its end that belong to no window. */
export function withoutRest(build: GraphBuilder, after: readonly number[], large: Term): Term {
  if (after.every((length) => length >= 0)) return large;
  const none = [0, 0, ...after.map(() => 0)];
  const cut = [0, 0, ...after.map((length) => Math.min(0, length))];
  return build.once(`cut ${large.name} ${cut.join()}`, () => pad(build, large, none, cut));
}
