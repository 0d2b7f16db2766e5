import type { GraphBuilder } from '../../../graph/builder';
import { pad, reshape, transpose } from '../../../graph/shaping';
import { float32, type Term } from '../../../graph/term';
import type { Layer } from './layer';
import { convolutionAttributes } from './window';

/** `[N, C, ...large] -> [N, O, ...small]`. */
export function toSmall(build: GraphBuilder, { window, group }: Layer, large: Term, weight: Term): Term {
  const shape = [large.shape[0] ?? 1, weight.shape[0] ?? 1, ...window.small];
  const whole = withoutRest(build, window.after, large);
  return build.one('Conv', [whole, weight], float32(shape), convolutionAttributes(window, group));
}

/** `[N, O, ...small] -> [N, C, ...large]`: what `toSmall` does, transposed. */
export function toLarge(build: GraphBuilder, { window, group }: Layer, small: Term, weight: Term): Term {
  const shape = [small.shape[0] ?? 1, (weight.shape[1] ?? 1) * group, ...window.large];
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
export function weightGradient(build: GraphBuilder, { window, group }: Layer, large: Term, small: Term): Term {
  const { kernel, strides, dilations, before, after } = window;
  const space = kernel.map((_, axis) => axis);
  const [batch, channels, outputs] = [large.shape[0] ?? 1, (large.shape[1] ?? 1) / group, small.shape[1] ?? 1];
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
function withoutRest(build: GraphBuilder, after: readonly number[], large: Term): Term {
  const none = [0, 0, ...after.map(() => 0)];
  return pad(build, large, none, [0, 0, ...after.map((length) => Math.min(0, length))]);
}
