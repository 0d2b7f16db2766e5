import { intAttribute, intsAttribute, stringAttribute } from '../../../../compression/graph/attributes';
import { elementsOf, type Node } from '../../../../model/model';
import { div } from '../../../graph/arithmetic';
import type { GraphBuilder } from '../../../graph/builder';
import type { Term } from '../../../graph/term';
import { rule, type RuleFamily } from '../../family';
import type { GradientRule } from '../../rule';
import type { Window } from '../convolution/window';
import { poolingWindow, spread } from './spread';

const averagePool: GradientRule = ({ build, node, inputs: [x], outputs: [y], gradients: [dy] }) => {
  if (!x || !y || !dy) return [];
  const window = poolingWindow(node, x, y);
  const shared = window.small.reduce<Term>((share, _, axis) => dividedByCount(build, node, window, axis, share), dy);
  return [spread(build, window, shared)];
};

/** A window's count of elements is a product over axes. */
function dividedByCount(build: GraphBuilder, node: Node, window: Window, axis: number, dy: Term): Term {
  const counts = countsAlong(node, window, axis);
  const [first = 1] = counts;
  if (counts.every((count) => count === first)) return first === 1 ? dy : div(build, dy, first);
  const shape = window.small.map((length, each) => (each === axis ? length : 1));
  return div(build, dy, build.constant(counts, shape));
}

/** Elements that each position averages over, those in the stated padding counted where the node counts them. */
function countsAlong(node: Node, window: Window, axis: number): number[] {
  const [kernel, stride, dilation, before, length] = [
    window.kernel[axis] ?? 1,
    window.strides[axis] ?? 1,
    window.dilations[axis] ?? 1,
    window.before[axis] ?? 0,
    window.large[axis] ?? 1,
  ];
  const counted = intAttribute(node, 'count_include_pad', 0) !== 0;
  const [low, high] = counted ? [-before, length + statedEnd(node, window, axis)] : [0, length];
  return Array.from({ length: window.small[axis] ?? 1 }, (_, position) => {
    const taps = Array.from({ length: kernel }, (_, tap) => position * stride - before + tap * dilation);
    return taps.filter((tap) => tap >= low && tap < high).length;
  });
}

/** Lengths rounded up reach behind the stated padding, and what lies there is never counted. */
function statedEnd(node: Node, { after, kernel }: Window, axis: number): number {
  const follows = stringAttribute(node, 'auto_pad', 'NOTSET').startsWith('SAME');
  return follows ? Math.max(0, after[axis] ?? 0) : (intsAttribute(node, 'pads')?.[axis + kernel.length] ?? 0);
}

/** `fit` repeats the one gradient a channel over all of it. */
const globalAveragePool: GradientRule = ({ build, inputs: [x], gradients: [dy] }) => [
  x && dy ? div(build, dy, elementsOf(x.shape.slice(2))) : null,
];

export const AVERAGE_POOLING: RuleFamily = {
  AveragePool: rule(averagePool),
  GlobalAveragePool: rule(globalAveragePool),
};
