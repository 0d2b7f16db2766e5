import { pad, reshape, reversed, zeros } from '../../graph/shaping';
import type { GraphBuilder } from '../../graph/builder';
import type { Term } from '../../graph/term';
import { rule, type RuleFamily } from '../family';
import { numbersOf } from '../numbers';
import type { GradientRule } from '../rule';

/** Elements `first`, `first + step`, … of an axis of `length` elements. */
interface Taken {
  readonly axis: number;
  readonly length: number;
  readonly first: number;
  readonly step: number;
}

/** The elements at the places where they were taken, zeros elsewhere. */
function putBack(build: GraphBuilder, piece: Term, { axis, length, first, step }: Taken): Term {
  const count = piece.shape[axis] ?? 0;
  const stride = Math.abs(step);
  const ascending = step < 0 ? reversed(build, piece, axis) : piece;
  const lowest = step < 0 ? first + (count - 1) * step : first;
  const around = (before: number, after: number, rank: number, at: number): [number[], number[]] => {
    const only = (value: number): number[] => Array.from({ length: rank }, (_, each) => (each === at ? value : 0));
    return [only(before), only(after)];
  };
  const rank = piece.shape.length;
  const apart = (): Term => {
    const split = [...piece.shape.slice(0, axis + 1), 1, ...piece.shape.slice(axis + 1)];
    const padded = pad(build, reshape(build, ascending, split), ...around(0, stride - 1, rank + 1, axis + 1));
    const joined = piece.shape.map((each, at) => (at === axis ? each * stride : each));
    return reshape(build, padded, joined);
  };
  const spaced = stride === 1 ? ascending : apart();
  return pad(build, spaced, ...around(lowest, length - lowest - count * stride, rank, axis));
}

const sliceGradient: GradientRule = (call) => {
  const {
    build,
    inputs: [x],
    outputs: [y],
    gradients: [dy],
  } = call;
  if (!x || !y || !dy) return [];
  if (y.shape.includes(0)) return [zeros(build, x.shape)];
  const starts = numbersOf(call, 1, 'starts');
  const axes = call.inputs[3] ? numbersOf(call, 3, 'axes') : starts.map((_, index) => index);
  const steps = call.inputs[4] ? numbersOf(call, 4, 'steps') : starts.map(() => 1);
  const rank = x.shape.length;
  const result = axes.reduce((piece, stated, index) => {
    const axis = stated < 0 ? stated + rank : stated;
    const [length, step, start] = [x.shape[axis] ?? 1, steps[index] ?? 1, starts[index] ?? 0];
    const counted = start < 0 ? start + length : start;
    const first = Math.min(Math.max(counted, 0), step < 0 ? length - 1 : length);
    return putBack(build, piece, { axis, length, first, step });
  }, dy);
  return [result];
};

export const SLICING: RuleFamily = { Slice: rule(sliceGradient) };
