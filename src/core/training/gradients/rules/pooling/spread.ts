import { elementsOf, type Node } from '../../../../model/model';
import { intsAttribute } from '../../../../compression/graph/attributes';
import type { GraphBuilder } from '../../../graph/builder';
import { expand, reshape } from '../../../graph/shaping';
import type { Term } from '../../../graph/term';
import { toLarge } from '../convolution/plain';
import { type Window, windowOf } from '../convolution/window';

/** Window of a pooling node from `x` to `y`, both `[N, C, ...]`. */
export function poolingWindow(node: Node, x: Term, y: Term): Window {
  return windowOf(node, intsAttribute(node, 'kernel_shape') ?? [], x.shape.slice(2), y.shape.slice(2));
}

/** Each position's value goes to all elements of its window, and meets there what other windows bring. */
export function spread(build: GraphBuilder, window: Window, dy: Term): Term {
  if (isTiling(window)) return repeated(build, window, dy);
  const [batch = 1, channels = 1] = dy.shape;
  const planes = reshape(build, dy, [batch * channels, 1, ...window.small]);
  const layer = { window, group: 1, batch: batch * channels, channels: 1, outputs: 1 };
  const ones = build.constant(new Array<number>(elementsOf(window.kernel)).fill(1), [1, 1, ...window.kernel]);
  return reshape(build, toLarge(build, layer, planes, ones), [batch, channels, ...window.large]);
}

/** Whether every element is in exactly one window. */
export function isTiling({ kernel, strides, dilations, before, after }: Window): boolean {
  const tiled = kernel.every((length, axis) => length === strides[axis] && (length === 1 || dilations[axis] === 1));
  return tiled && [...before, ...after].every((length) => length === 0);
}

function repeated(build: GraphBuilder, { kernel, small, large }: Window, dy: Term): Term {
  const lead = dy.shape.slice(0, 2);
  const apart = reshape(build, dy, [...lead, ...small.flatMap((length) => [length, 1])]);
  const filled = expand(build, apart, [...lead, ...small.flatMap((length, axis) => [length, kernel[axis] ?? 1])]);
  return reshape(build, filled, [...lead, ...large]);
}
