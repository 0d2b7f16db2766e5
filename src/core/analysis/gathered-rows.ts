import { intAttribute } from '../compression/graph/attributes';
import type { Node, Weight } from '../model/model';
import type { CompositeLayer } from './composite-layers';
import type { GraphIndex } from './graph-order';
import { unpackedWeight, type WeightResolver } from './logical-weights';
import { constantNumbers } from './tensor-constants';
import { recognizeRows } from './unpacking/recognize';
import { termOf } from './unpacking/term';
import { initializersOf } from './unpacking/unpacked-tensor';

/** Nodes of one lookup: a dozen or two. */
const MAX_NODES = 64;

/**
 * Rows of a packed table that are unpacked once they were looked up, in the shape of their indices. Seen without the
 * lookups, the same operators unpack the whole table: what they stand for is recognized by that. Null for every other
 * node. Counterpart of `formats/onnx/store/large`.
 */
export function gatheredRows(last: Node, index: GraphIndex, resolver: WeightResolver): CompositeLayer | null {
  if (last.opType !== 'Reshape' || last.domain !== '') return null;
  const target = index.producer.get(last.inputs[1] ?? '');
  const shape = target?.opType === 'Concat' ? index.producer.get(target.inputs[0] ?? '') : undefined;
  const indices = shape?.opType === 'Shape' ? (shape.inputs[0] ?? '') : '';
  if (target === undefined || shape === undefined || indices === '') return null;
  const inner = nodesBehind(last.inputs[0] ?? '', indices, index);
  const lookups = inner?.filter((node) => isLookup(node, indices, index)) ?? [];
  const [lookup] = lookups;
  if (inner === null || lookup === undefined) return null;
  const tables = new Map(lookups.map((node) => [node.outputs[0] ?? '', index.graph.weights.get(node.inputs[0] ?? '')]));
  const names = {
    weight: (name: string): Weight | undefined => index.graph.weights.get(name) ?? tables.get(name),
    producer: (name: string) => index.producer.get(name),
  };
  const tensor = recognizeRows(termOf(last.inputs[0] ?? '', names, resolver.functions));
  const [stored] = tensor === null ? [] : initializersOf(tensor);
  if (tensor?.shape.length !== 2 || stored === undefined) return null;
  const columns = index.graph.weights.get(target.inputs[1] ?? '');
  if (columns === undefined || constantNumbers(columns)?.join() !== String(tensor.shape[1])) return null;
  const node = {
    ...lookup,
    name: last.name,
    metadata: last.metadata,
    inputs: [stored.name, indices],
    outputs: last.outputs,
  };
  return { node, weight: unpackedWeight(stored.name, last, tensor), last, nodes: [...inner, shape, target, last] };
}

/** The nodes between indices and rows, that of a reshape of the indices included; null where there are more than it takes. */
function nodesBehind(rows: string, indices: string, index: GraphIndex): Node[] | null {
  const found = new Set<Node>();
  const waiting = [rows];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = name === indices ? undefined : index.producer.get(name);
    if (node === undefined || found.has(node)) continue;
    if (found.size >= MAX_NODES) return null;
    found.add(node);
    waiting.push(...node.inputs);
  }
  return [...found];
}

/** `Gather` of an initializer's rows by the indices, one behind the other. */
function isLookup(node: Node, indices: string, index: GraphIndex): boolean {
  if (node.opType !== 'Gather' || node.domain !== '' || intAttribute(node, 'axis', 0) !== 0) return false;
  const flat = index.producer.get(node.inputs[1] ?? '');
  const isFlat = flat?.opType === 'Reshape' && flat.inputs[0] === indices;
  return isFlat && index.graph.weights.has(node.inputs[0] ?? '');
}
