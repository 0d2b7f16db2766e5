import type { Dimension, Node } from '../../../model/model';
import { intAttribute, intsAttribute } from '../../graph/attributes';
import type { GraphFacts } from './graph-facts';

/** Values between which an operator carries channels over as they are: one axis of each. */
export interface Carried {
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
}

/** An axis of a value, counted from the front. */
export interface Place {
  readonly value: string;
  readonly axis: number;
}

/**
 * What an operator does to the channels at one axis of its first output: where they lie in the inputs that they come
 * from, or null where it does more to them than to carry, add or scale them all alike.
 */
type Carrier = (node: Node, axis: number, facts: GraphFacts) => readonly Place[] | null;

/** Operators through which a basis can be followed. A new one is one line. */
const CARRIERS: Readonly<Record<string, Carrier>> = {
  Identity: (node, axis) => [{ value: node.inputs[0] ?? '', axis }],
  Add: summands,
  Sub: summands,
  Mul: scaledAlike,
  Div: (node, axis, facts) => {
    const places = scaledAlike(node, axis, facts);
    return places?.[0]?.value === node.inputs[0] ? places : null;
  },
  Transpose: (node, axis) => {
    const from = intsAttribute(node, 'perm')?.[axis];
    return from === undefined ? null : [{ value: node.inputs[0] ?? '', axis: from }];
  },
  Reshape: moved,
  Flatten: moved,
  Squeeze: moved,
  Unsqueeze: moved,
  Expand: (node, axis, facts) => atSameEnd(node, [node.inputs[0] ?? ''], axis, facts),
  Concat: (node, axis, facts) => (actsOn(node, axis, facts) ? null : node.inputs.map((value) => ({ value, axis }))),
  Slice: besides,
  Split: besides,
  Gather: gathered,
  ReduceMean: reduced,
  ReduceSum: reduced,
  MatMul: (node, axis, facts) => {
    const [left = '', right = ''] = node.inputs;
    const rank = facts.shape(node.outputs[0] ?? '')?.length;
    // Rows of the left factor mix what is along its last axis; columns of the right one stay apart.
    return left !== right && rank !== undefined && axis === rank - 1 ? atSameEnd(node, [right], axis, facts) : null;
  },
};

/** Those that do not go over from one position to another: a constant for each channel comes out as it was. */
const AFFINE: ReadonlySet<string> = new Set([
  'Identity',
  'Transpose',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Expand',
  'Slice',
  'Split',
  'Gather',
  'ReduceMean',
]);

/** True where `s x + b`, of each channel, comes out as `s y + b`. */
export function carriesConstants(node: Node): boolean {
  return node.domain === '' && AFFINE.has(node.opType);
}

/** What a node carries, seen from one of its values; null where it is no carrier, or not of that axis. */
export function carriedBy(node: Node, { value, axis }: Place, facts: GraphFacts): Carried | null {
  const carrier = node.domain === '' ? CARRIERS[node.opType] : undefined;
  if (carrier === undefined) return null;
  const output = node.outputs[0] ?? '';
  const rank = facts.shape(output)?.length ?? 0;
  const outputs = (at: number): Place[] =>
    node.outputs.filter((name) => name !== '').map((name) => ({ value: name, axis: at }));
  if (node.outputs.includes(value)) {
    const inputs = carrier(node, axis, facts);
    return inputs === null ? null : { inputs, outputs: outputs(axis) };
  }
  // The output's axis is the one whose channels come from this place.
  for (let at = rank - 1; at >= 0; at--) {
    const inputs = carrier(node, at, facts);
    if (inputs?.some((place) => place.value === value && place.axis === axis) === true) {
      return { inputs, outputs: outputs(at) };
    }
  }
  return null;
}

function summands(node: Node, axis: number, facts: GraphFacts): Place[] | null {
  return atSameEnd(node, node.inputs, axis, facts);
}

/** Inputs that are broadcast to the output, each with as many channels at the axis as the output. */
function atSameEnd(node: Node, inputs: readonly string[], axis: number, facts: GraphFacts): Place[] | null {
  const shape = facts.shape(node.outputs[0] ?? '');
  if (shape === null) return null;
  const places: Place[] = [];
  for (const value of inputs) {
    const own = facts.shape(value);
    const at = axis - shape.length + (own?.length ?? 0);
    if (own === null || at < 0 || own[at] !== shape[axis]) return null;
    places.push({ value, axis: at });
  }
  return places;
}

/** A product with something that is the same for all channels. */
function scaledAlike(node: Node, axis: number, facts: GraphFacts): Place[] | null {
  const rank = facts.shape(node.outputs[0] ?? '')?.length ?? 0;
  const alike = (value: string): boolean => {
    const shape = facts.shape(value);
    const at = axis - rank + (shape?.length ?? 0);
    return shape !== null && (at < 0 || shape[at] === 1);
  };
  const [left = '', right = ''] = node.inputs;
  if (alike(right)) return atSameEnd(node, [left], axis, facts);
  return alike(left) ? atSameEnd(node, [right], axis, facts) : null;
}

/** Another shape over the same elements: the axis with as many channels, as many elements apart. */
function moved(node: Node, axis: number, facts: GraphFacts): Place[] | null {
  const value = node.inputs[0] ?? '';
  const from = facts.shape(value);
  const to = facts.shape(node.outputs[0] ?? '');
  if (from === null || to === null) return null;
  const at = from.findIndex(
    (size, candidate) =>
      size === to[axis] &&
      (sameProduct(from.slice(candidate + 1), to.slice(axis + 1)) ||
        sameProduct(from.slice(0, candidate), to.slice(0, axis))),
  );
  return at < 0 ? null : [{ value, axis: at }];
}

function sameProduct(left: readonly Dimension[], right: readonly Dimension[]): boolean {
  const [a, b] = [product(left), product(right)];
  return a !== null && a === b;
}

/** Null where a dimension is not known. */
function product(shape: readonly Dimension[]): string | null {
  if (shape.includes(null)) return null;
  const number = shape.reduce<number>((sum, size) => (typeof size === 'number' ? sum * size : sum), 1);
  const symbols = shape.filter((size) => typeof size === 'string').sort();
  return [number, ...symbols].join(' ');
}

/** A part along another axis. */
function besides(node: Node, axis: number, facts: GraphFacts): Place[] | null {
  return actsOn(node, axis, facts) ? null : [{ value: node.inputs[0] ?? '', axis }];
}

/** True also where it is not known which axes a node works on. */
function actsOn(node: Node, axis: number, facts: GraphFacts): boolean {
  const rank = facts.shape(node.inputs[0] ?? '')?.length;
  const axes = axesOf(node, facts);
  return rank === undefined || axes === null || axes.some((each) => (each < 0 ? each + rank : each) === axis);
}

/** The axes that a node works on, as it states them; null where they are computed. */
function axesOf(node: Node, facts: GraphFacts): readonly number[] | null {
  switch (node.opType) {
    case 'Concat':
    case 'Split':
      return [intAttribute(node, 'axis', 0)];
    case 'Slice':
      return intsAttribute(node, 'axes') ?? facts.constant(node.inputs[3]);
    default:
      return intsAttribute(node, 'axes') ?? facts.constant(node.inputs[1]);
  }
}

function gathered(node: Node, axis: number, facts: GraphFacts): Place[] | null {
  const value = node.inputs[0] ?? '';
  const rank = facts.shape(value)?.length;
  const indices = facts.shape(node.inputs[1] ?? '')?.length;
  if (rank === undefined || indices === undefined) return null;
  const stated = intAttribute(node, 'axis', 0);
  const along = stated < 0 ? stated + rank : stated;
  if (axis < along) return [{ value, axis }];
  return axis < along + indices ? null : [{ value, axis: axis - indices + 1 }];
}

function reduced(node: Node, axis: number, facts: GraphFacts): Place[] | null {
  const value = node.inputs[0] ?? '';
  const rank = facts.shape(value)?.length;
  const stated = axesOf(node, facts);
  if (rank === undefined || stated === null) return null;
  const axes = stated.map((each) => (each < 0 ? each + rank : each));
  const kept = Array.from({ length: rank }, (_, at) => at).filter((at) => !axes.includes(at));
  const from = intAttribute(node, 'keepdims', 1) === 1 ? axis : kept[axis];
  return from === undefined || axes.includes(from) ? null : [{ value, axis: from }];
}
