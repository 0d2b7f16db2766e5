import type { DType } from '../../model/dtype';
import { EdgewiseError } from '../../errors';
import type { GraphBuilder } from './builder';
import { float32, type Term } from './term';

/** NumPy's rule: dimensions meet from the right, and a dimension of 1 is repeated. */
export function broadcastShape(left: readonly number[], right: readonly number[]): number[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [a, b] = [left[axis - rank + left.length] ?? 1, right[axis - rank + right.length] ?? 1];
    if (a !== b && a !== 1 && b !== 1)
      throw new EdgewiseError('internal', `Shapes [${left.join(', ')}] and [${right.join(', ')}] do not broadcast.`);
    return a === 1 ? b : a;
  });
}

/** The shape of what two terms broadcast to; null where one of them is open. */
const met = (left: Term, right: Term): readonly number[] | null =>
  left.knownShape && right.knownShape && broadcastShape(left.knownShape, right.knownShape);

/** A term, or the number that stands for a constant of no dimensions. */
export type Operand = Term | number;

const termOf = (build: GraphBuilder, operand: Operand): Term =>
  typeof operand === 'number' ? build.constant(operand) : operand;

function binary(build: GraphBuilder, opType: string, left: Operand, right: Operand, dtype: DType = 'float32'): Term {
  const [a, b] = [termOf(build, left), termOf(build, right)];
  return build.one(opType, [a, b], { dtype, shape: met(a, b) });
}

function unary(build: GraphBuilder, opType: string, term: Term): Term {
  return build.one(opType, [term], { dtype: term.dtype, shape: term.knownShape });
}

type Binary = (build: GraphBuilder, left: Operand, right: Operand) => Term;
type Unary = (build: GraphBuilder, term: Term) => Term;

const arithmetic =
  (opType: string): Binary =>
  (build, left, right) =>
    binary(build, opType, left, right);
const comparison =
  (opType: string): Binary =>
  (build, left, right) =>
    binary(build, opType, left, right, 'bool');
const elementwise =
  (opType: string): Unary =>
  (build, term) =>
    unary(build, opType, term);

export const add = arithmetic('Add');
export const sub = arithmetic('Sub');
export const mul = arithmetic('Mul');
export const div = arithmetic('Div');
export const pow = arithmetic('Pow');
export const min = arithmetic('Min');
export const max = arithmetic('Max');

export const greater = comparison('Greater');
export const greaterOrEqual = comparison('GreaterOrEqual');
export const less = comparison('Less');
export const lessOrEqual = comparison('LessOrEqual');
export const equal = comparison('Equal');
export const and = comparison('And');
export const or = comparison('Or');

export const neg = elementwise('Neg');
export const exp = elementwise('Exp');
export const log = elementwise('Log');
export const sqrt = elementwise('Sqrt');
export const abs = elementwise('Abs');
export const sign = elementwise('Sign');
export const reciprocal = elementwise('Reciprocal');
export const tanh = elementwise('Tanh');
export const sigmoid = elementwise('Sigmoid');
export const softplus = elementwise('Softplus');
export const erf = elementwise('Erf');
export const sin = elementwise('Sin');
export const cos = elementwise('Cos');
export const round = elementwise('Round');
export const not = elementwise('Not');

/** `x * x`. */
export const square: Unary = (build, term) => mul(build, term, term);

export function cast(build: GraphBuilder, term: Term, dtype: 'float32' | 'int64' | 'bool'): Term {
  const codes = { float32: 1, int64: 7, bool: 9 };
  return build.one('Cast', [term], { dtype, shape: term.knownShape }, { to: { kind: 'int', value: codes[dtype] } });
}

/** `condition ? yes : no`, element by element. */
export function where(build: GraphBuilder, condition: Term, yes: Operand, no: Operand): Term {
  const [a, b] = [termOf(build, yes), termOf(build, no)];
  const values = met(a, b);
  const shape = values && condition.knownShape && broadcastShape(condition.knownShape, values);
  return build.one('Where', [condition, a, b], { dtype: a.dtype, shape });
}

/** Values outside the bounds become the bound. */
export function clip(build: GraphBuilder, term: Term, low: number, high: number): Term {
  return build.one('Clip', [term, build.constant(low), build.constant(high)], float32(term.knownShape));
}

/** `term` where the condition holds, 0 elsewhere. */
export function masked(build: GraphBuilder, condition: Term, term: Term): Term {
  return where(build, condition, term, 0);
}

/** `masked` as a product, which the runtime computes in half the time; where the term is not finite it stays so. */
export function gated(build: GraphBuilder, condition: Term, term: Term): Term {
  return mul(build, term, cast(build, condition, 'float32'));
}
