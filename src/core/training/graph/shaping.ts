import { elementsOf } from '../../model/model';
import type { GraphBuilder } from './builder';
import type { Term } from './term';

/** The same elements in another shape. */
export function reshape(build: GraphBuilder, term: Term, shape: readonly number[]): Term {
  if (sameShape(term.shape, shape)) return term;
  return build.one('Reshape', [term, build.integers(shape)], { dtype: term.dtype, shape });
}

/** Dimension `i` of the result is dimension `perm[i]` of the term. */
export function transpose(build: GraphBuilder, term: Term, perm: readonly number[]): Term {
  if (perm.every((axis, index) => axis === index)) return term;
  const shape = perm.map((axis) => term.shape[axis] ?? 1);
  return build.one('Transpose', [term], { dtype: term.dtype, shape }, { perm: { kind: 'ints', value: perm } });
}

/** The last two dimensions changed places. */
export function swapLastTwo(build: GraphBuilder, term: Term): Term {
  const rank = term.shape.length;
  return transpose(build, term, [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);
}

/** Repeats along dimensions of 1 until the shape is reached. */
export function expand(build: GraphBuilder, term: Term, shape: readonly number[]): Term {
  if (sameShape(term.shape, shape)) return term;
  return build.one('Expand', [term, build.integers(shape)], { dtype: term.dtype, shape });
}

/** Elements `starts` to `ends` (exclusive) of the given axes, every `steps`-th. */
export function slice(
  build: GraphBuilder,
  term: Term,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = axes.map(() => 1),
): Term {
  const shape = [...term.shape];
  axes.forEach((axis, index) => {
    const length = (ends[index] ?? 0) - (starts[index] ?? 0);
    shape[axis] = Math.max(0, Math.ceil(length / (steps[index] ?? 1)));
  });
  const inputs = [starts, ends, axes, steps].map((numbers) => build.integers(numbers));
  return build.one('Slice', [term, ...inputs], { dtype: term.dtype, shape });
}

export function concat(build: GraphBuilder, terms: readonly Term[], axis: number): Term {
  const [first] = terms;
  if (first === undefined || terms.length === 1) return first ?? build.constant([], [0]);
  const shape = [...first.shape];
  shape[axis] = terms.reduce((sum, term) => sum + (term.shape[axis] ?? 0), 0);
  return build.one('Concat', terms, { dtype: first.dtype, shape }, { axis: { kind: 'int', value: axis } });
}

/** Pieces of the given lengths along an axis, which together are the term. */
export function split(build: GraphBuilder, term: Term, axis: number, lengths: readonly number[]): readonly Term[] {
  if (lengths.length === 1) return [term];
  const shapeOf = (length: number): number[] => term.shape.map((whole, each) => (each === axis ? length : whole));
  const types = lengths.map((length) => ({ dtype: term.dtype, shape: shapeOf(length) }));
  return build.emit('Split', [term, build.integers(lengths)], types, { axis: { kind: 'int', value: axis } });
}

/** The elements along an axis in the opposite order. */
export function reversed(build: GraphBuilder, term: Term, axis: number): Term {
  const length = term.shape[axis] ?? 1;
  const inputs = [[length - 1], [-length - 1], [axis], [-1]].map((numbers) => build.integers(numbers));
  return build.one('Slice', [term, ...inputs], { dtype: term.dtype, shape: term.shape });
}

/** Zeros in a shape, without a constant of that size in the file. */
export function zeros(build: GraphBuilder, shape: readonly number[]): Term {
  return expand(build, build.constant(0), shape);
}

/** Zeros (or `value`) around: `before[axis]` and `after[axis]`; negative ones cut off. */
export function pad(
  build: GraphBuilder,
  term: Term,
  before: readonly number[],
  after: readonly number[],
  value = 0,
): Term {
  if ([...before, ...after].every((length) => length === 0)) return term;
  const shape = term.shape.map((length, axis) => length + (before[axis] ?? 0) + (after[axis] ?? 0));
  const pads = build.integers([...before, ...after]);
  return build.one('Pad', [term, pads, build.constant(value)], { dtype: term.dtype, shape });
}

/** Rows of `term` along `axis` that `indices` name. */
export function gather(build: GraphBuilder, term: Term, indices: Term, axis: number): Term {
  const shape = [...term.shape.slice(0, axis), ...indices.shape, ...term.shape.slice(axis + 1)];
  return build.one('Gather', [term, indices], { dtype: term.dtype, shape }, { axis: { kind: 'int', value: axis } });
}

/** One dimension of all elements. */
export const flat = (build: GraphBuilder, term: Term): Term => reshape(build, term, [elementsOf(term.shape)]);

export function sameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((length, axis) => length === right[axis]);
}

/** The axis counted from the front. */
export function axisFromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
