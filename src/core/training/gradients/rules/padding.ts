import { stringAttribute } from '../../../compression/graph/attributes';
import { sub } from '../../graph/arithmetic';
import { mapAxis } from '../../graph/product';
import { reduceSum } from '../../graph/reduction';
import { axisFromFront, pad } from '../../graph/shaping';
import { rule, type RuleFamily } from '../family';
import { numbersOf, unsupportedForm } from '../numbers';
import type { GradientCall, GradientRule } from '../rule';

/** How many elements are put before and after each axis; negative where they are cut off. */
function widthsOf(call: GradientCall, rank: number): { before: number[]; after: number[] } {
  const stated = numbersOf(call, 1, 'widths');
  const axes = call.inputs[3] ? numbersOf(call, 3, 'axes') : stated.slice(0, rank).map((_, axis) => axis);
  const [before, after] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
  axes.forEach((each, index) => {
    const axis = axisFromFront(each, rank);
    before[axis] = stated[index] ?? 0;
    after[axis] = stated[index + axes.length] ?? 0;
  });
  return { before, after };
}

/** Which element of an axis of `length` stands at `position`, which may lie outside. */
const SOURCES: Readonly<Record<string, (position: number, length: number) => number>> = {
  edge: (position, length) => Math.min(Math.max(position, 0), length - 1),
  wrap: (position, length) => ((position % length) + length) % length,
  reflect: (position, length) => {
    const period = Math.max(1, 2 * (length - 1));
    const inside = ((position % period) + period) % period;
    return inside < length ? inside : period - inside;
  },
};

const padGradient: GradientRule = (call) => {
  const { build, node, inputs, gradients, wanted } = call;
  const [x, dy] = [inputs[0], gradients[0]];
  if (!x || !dy) return [];
  const { before, after } = widthsOf(call, x.shape.length);
  const mode = stringAttribute(node, 'mode', 'constant');
  if (mode === 'constant') {
    const negated = (widths: readonly number[]): number[] => widths.map((width) => -width);
    const inside = pad(build, dy, negated(before), negated(after));
    const outside = wanted[2] ? sub(build, reduceSum(build, dy), reduceSum(build, inside)) : null;
    return [inside, null, outside];
  }
  const source = SOURCES[mode];
  if (!source) throw unsupportedForm(call, `mode ${mode}`);
  // Each element gets the gradients of its copies.
  const gathered = x.shape.reduce((gradient, length, axis) => {
    const first = before[axis] ?? 0;
    if (first === 0 && (after[axis] ?? 0) === 0) return gradient;
    const places = Array.from({ length: dy.shape[axis] ?? 1 }, (_, place) => source(place - first, length));
    const matrix = Array.from({ length }, (_, element) => places.map((place) => (place === element ? 1 : 0)));
    return mapAxis(build, gradient, axis, matrix);
  }, dy);
  return [gathered];
};

export const PADDING: RuleFamily = { Pad: rule(padGradient) };
