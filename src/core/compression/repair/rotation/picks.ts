import type { Node } from '../../../model/model';
import { intAttribute, intsAttribute } from '../../graph/attributes';
import type { GraphFacts } from './graph-facts';

/** A range along an axis of an operator's input that one of its outputs is. */
export interface Pick {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  /** True where the output has that axis no more. */
  readonly drops: boolean;
}

/** What `Split`, `Slice` or `Gather` takes for an output; null for other operators and for ranges that are computed. */
export function pickOf(node: Node, output: string, facts: GraphFacts): Pick | null {
  if (node.domain !== '') return null;
  switch (node.opType) {
    case 'Split':
      return splitPick(node, output, facts);
    case 'Slice':
      return slicePick(node, output, facts);
    case 'Gather':
      return gatherPick(node, facts);
    default:
      return null;
  }
}

/** True where two nodes take parts of a value that have nothing in common. */
export function disjoint(left: Pick, right: Pick): boolean {
  return left.axis === right.axis && (left.to <= right.from || right.to <= left.from);
}

function splitPick(node: Node, output: string, facts: GraphFacts): Pick | null {
  const axis = fromFront(intAttribute(node, 'axis', 0), node, facts);
  let from = 0;
  for (const name of node.outputs) {
    const size = axis === null ? null : (facts.shape(name)?.[axis] ?? null);
    if (axis === null || typeof size !== 'number') return null;
    if (name === output) return { axis, from, to: from + size, drops: false };
    from += size;
  }
  return null;
}

function slicePick(node: Node, output: string, facts: GraphFacts): Pick | null {
  const starts = intsAttribute(node, 'starts') ?? facts.constant(node.inputs[1]);
  const axes = intsAttribute(node, 'axes') ?? facts.constant(node.inputs[3]);
  const steps = (node.inputs[4] ?? '') === '' ? [1] : facts.constant(node.inputs[4]);
  if (starts?.length !== 1 || axes?.length !== 1 || steps?.[0] !== 1) return null;
  const axis = fromFront(axes[0] ?? 0, node, facts);
  const whole = axis === null ? null : facts.shape(node.inputs[0] ?? '')?.[axis];
  const size = axis === null ? null : facts.shape(output)?.[axis];
  const start = starts[0] ?? 0;
  if (axis === null || typeof whole !== 'number' || typeof size !== 'number') return null;
  const from = start < 0 ? start + whole : start;
  return { axis, from, to: from + size, drops: false };
}

function gatherPick(node: Node, facts: GraphFacts): Pick | null {
  const axis = fromFront(intAttribute(node, 'axis', 0), node, facts);
  const indices = facts.constant(node.inputs[1]);
  const rank = facts.shape(node.inputs[1] ?? '')?.length;
  const whole = axis === null ? null : facts.shape(node.inputs[0] ?? '')?.[axis];
  if (axis === null || indices?.length !== 1 || rank === undefined || rank > 1 || typeof whole !== 'number')
    return null;
  const index = indices[0] ?? 0;
  const from = index < 0 ? index + whole : index;
  return { axis, from, to: from + 1, drops: rank === 0 };
}

function fromFront(axis: number, node: Node, facts: GraphFacts): number | null {
  const rank = facts.shape(node.inputs[0] ?? '')?.length;
  if (rank === undefined) return null;
  return axis < 0 ? axis + rank : axis;
}
