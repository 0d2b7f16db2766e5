import { newNode } from '../../../../compression/graph/new-nodes';
import type { DType } from '../../../../model/dtype';
import type { Node, Weight } from '../../../../model/model';
import type { asCall } from '../emit';
import type { SharedParts } from '../shared-parts';
import { GENERATED, type UnpackedWeight } from '../unpacked-weight';
import { rowUnpacking } from '../unpacking';
import { codeShape } from '../unpacking/code-shape';
import type { Divisible } from './part-of';
import type { RowReaders } from './readers';

/** Why a matrix cannot be unpacked row by row, as a clause; null where it can. */
export function rowsRefusal(tensor: Divisible): string | null {
  if (tensor.kind === 'dense') return null;
  if (tensor.kind === 'palette' && tensor.groups > 1)
    return 'it has several palettes, of which a row would have to find its own';
  if (tensor.kind === 'affine' && tensor.axis === 0 && tensor.block !== null)
    return 'several of its rows share a scale';
  return codeShape(tensor.bits, tensor.shape).byRows ? null : 'its rows do not end with a byte';
}

/**
 * A table of which the rows that are looked up are unpacked, when they are: the program that would unpack the whole, on
 * the rows of its initializers. That is work at each inference, but for a few rows, and the table stays packed in memory.
 * The codes keep the weight's name.
 * @param emit how the program is written
 */
export function gatherRows(
  name: string,
  dtype: DType,
  tensor: Divisible,
  { lookups }: RowReaders,
  emit: typeof asCall,
  shared: SharedParts,
): UnpackedWeight {
  const unpacking = rowUnpacking(tensor, dtype);
  const [rows = 0, columns = 0] = tensor.shape;
  const fresh = () => shared.names.numbered(GENERATED);
  const readers = new Map<Node, readonly Node[]>();
  let first: UnpackedWeight = { weights: [], nodes: [] };
  for (const [count, lookup] of lookups.entries()) {
    const found = fresh();
    const unpacked = emit(unpacking, found, shared);
    if (count === 0) first = { ...unpacked, weights: named(unpacked.weights, name) };
    const [, indices = ''] = lookup.inputs;
    const flat = fresh();
    const before = [newNode('Reshape', [indices, shared.constant('int64', [1], [-1])], [flat])];
    const values = new Map<string, string>();
    unpacked.weights.forEach((weight, index) => {
      const stored = first.weights[index]?.name ?? weight.name;
      const isByRow = weight.shape.length > 1 && weight.shape[0] === rows;
      const value = isByRow ? fresh() : stored;
      values.set(weight.name, value);
      if (isByRow) before.push({ ...newNode('Gather', [stored, flat], [value]), attributes: lookup.attributes });
    });
    const nodes = unpacked.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((input) => values.get(input) ?? input),
    }));
    readers.set(lookup, [...before, ...nodes, ...inShapeOf(lookup, indices, found, columns, shared)]);
  }
  return { ...first, nodes: [], readers };
}

function named(weights: readonly Weight[], name: string): Weight[] {
  return weights.map((weight, index) => (index === 0 ? { ...weight, name } : weight));
}

/** Rows one behind the other, in the shape of the indices they were looked up by. */
function inShapeOf(lookup: Node, indices: string, rows: string, columns: number, shared: SharedParts): Node[] {
  const [shape, target] = [shared.names.numbered(GENERATED), shared.names.numbered(GENERATED)];
  return [
    newNode('Shape', [indices], [shape]),
    newNode('Concat', [shape, shared.constant('int64', [1], [columns])], [target], { axis: { kind: 'int', value: 0 } }),
    { ...newNode('Reshape', [rows, target], lookup.outputs), name: lookup.name, metadata: lookup.metadata },
  ];
}
