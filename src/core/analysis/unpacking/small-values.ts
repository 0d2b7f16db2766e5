import { elementsOf, type Node } from '../../model/model';
import { intAttribute } from '../../compression/graph/attributes';
import { constantNumbers } from '../tensor-constants';
import type { Term } from './term';

/** Tables of codes hold 256 bytes' codes of a bit each; longer values are data. */
const MAX_ELEMENTS = 4096;
/** Values behind a table, each as often as it is read: a dozen or two. More are no table of ours. */
const MAX_VALUES = 64;

/** A constant that is small enough to be computed here. */
export interface SmallValue {
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
}

/** What was computed of nodes that depend on no other value: those of functions come again with each call. */
const COMPUTED = new WeakMap<Node, SmallValue>();

/** The numbers of a term that is computed of constants by a few plain operators; null for all others. */
export function smallValue(term: Term): SmallValue | null {
  return evaluate(term, { left: MAX_VALUES })?.value ?? null;
}

interface Evaluated {
  readonly value: SmallValue;
  /** True where nothing but `Constant` nodes is behind it: not the tensors of a graph, which differ by call. */
  readonly closed: boolean;
}

function evaluate(term: Term, budget: { left: number }): Evaluated | null {
  if (budget.left-- <= 0) return null;
  if (term.weight !== null) {
    const numbers = constantNumbers(term.weight);
    return numbers === null ? null : { value: { shape: term.weight.shape, numbers }, closed: false };
  }
  const { node } = term;
  const rule = node === null ? undefined : RULES[node.opType];
  if (node === null || rule === undefined) return null;
  const known = COMPUTED.get(node);
  if (known !== undefined) return { value: known, closed: true };
  const inputs: Evaluated[] = [];
  for (let index = 0; index < node.inputs.length; index++) {
    const input = evaluate(term.input(index), budget);
    if (input === null) return null;
    inputs.push(input);
  }
  const value = rule(
    node,
    inputs.map((input) => input.value),
  );
  if (value === null || value.numbers.length > MAX_ELEMENTS) return null;
  const closed = inputs.every((input) => input.closed);
  if (closed) COMPUTED.set(node, value);
  return { value, closed };
}

type Rule = (node: Node, inputs: readonly SmallValue[]) => SmallValue | null;

const RULES: Readonly<Partial<Record<string, Rule>>> = {
  Constant: constant,
  Cast: (_, [value]) => value ?? null,
  Range: range,
  Reshape: reshape,
  Add: broadcast((left, right) => left + right),
  Sub: broadcast((left, right) => left - right),
  Mul: broadcast((left, right) => left * right),
  Div: broadcast((left, right) => Math.trunc(left / right)),
  Mod: broadcast((left, right) => left % right),
  CumSum: cumulativeSum,
};

function constant({ attributes }: Node): SmallValue | null {
  const [attribute] = attributes.values();
  if (attribute?.kind === 'int' || attribute?.kind === 'float') return { shape: [], numbers: [attribute.value] };
  if (attribute?.kind !== 'ints' && attribute?.kind !== 'floats') return null;
  return { shape: [attribute.value.length], numbers: attribute.value };
}

function range(_: Node, [start, limit, step]: readonly SmallValue[]): SmallValue | null {
  const [from = 0, to = 0, by = 1] = [start?.numbers[0], limit?.numbers[0], step?.numbers[0]];
  const length = Math.max(0, Math.ceil((to - from) / by));
  if (!(length <= MAX_ELEMENTS)) return null;
  return { shape: [length], numbers: Array.from({ length }, (_value, index) => from + index * by) };
}

function reshape(_: Node, [value, target]: readonly SmallValue[]): SmallValue | null {
  if (value === undefined || target === undefined) return null;
  const shape = reshapedTo(value.shape, target.numbers);
  return shape === null ? null : { shape, numbers: value.numbers };
}

/** The shape that `Reshape` gives; null where lengths do not go together. */
export function reshapedTo(from: readonly number[], target: readonly number[]): number[] | null {
  const total = elementsOf(from);
  const lengths = target.map((length, axis) => (length === 0 ? (from[axis] ?? 0) : length));
  const known = lengths.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const shape = lengths.map((length) => (length === -1 ? total / known : length));
  return elementsOf(shape) === total && shape.every((length) => Number.isInteger(length) && length >= 0) ? shape : null;
}

function broadcast(operate: (left: number, right: number) => number): Rule {
  return (_, [left, right]) => {
    if (left === undefined || right === undefined) return null;
    const rank = Math.max(left.shape.length, right.shape.length);
    const length = (value: SmallValue, axis: number) => value.shape[axis - rank + value.shape.length] ?? 1;
    const shape = Array.from({ length: rank }, (_value, axis) => Math.max(length(left, axis), length(right, axis)));
    if (elementsOf(shape) > MAX_ELEMENTS) return null;
    const at = (value: SmallValue, index: number) => {
      let rest = index;
      let place = 0;
      let stride = 1;
      for (let axis = rank - 1; axis >= 0; axis--) {
        const size = shape[axis] ?? 1;
        if (length(value, axis) > 1) place += (rest % size) * stride;
        stride *= length(value, axis);
        rest = Math.floor(rest / size);
      }
      return value.numbers[place] ?? 0;
    };
    const numbers = Array.from({ length: elementsOf(shape) }, (_value, index) =>
      operate(at(left, index), at(right, index)),
    );
    return { shape, numbers };
  };
}

/** Along the last axis, which is all that tables need. */
function cumulativeSum(node: Node, [value, axis]: readonly SmallValue[]): SmallValue | null {
  if (value === undefined || axis?.numbers[0] !== value.shape.length - 1) return null;
  if (intAttribute(node, 'exclusive', 0) !== 0 || intAttribute(node, 'reverse', 0) !== 0) return null;
  const length = value.shape.at(-1) ?? 1;
  let sum = 0;
  const numbers = value.numbers.map((number, index) => (sum = index % length === 0 ? number : sum + number));
  return { shape: value.shape, numbers };
}
