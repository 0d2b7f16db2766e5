import { bitsOf, type DType } from '../../model/dtype';
import type { Graph, Node } from '../../model/model';
import { indexGraph, subgraphsOf, valuesReadBy } from '../graph-order';
import { product } from '../shapes/extent';
import type { Inference } from '../shapes/inference';
import { StaticValues } from '../static-values';

/** Quantized graphs compute between these pairs in integers; ONNX Runtime never stores the floats in between. */
const CONVERSIONS: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear']);

/** Nodes whose output is the input's memory under another shape. */
const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity']);

/** Bytes that a value of so many elements takes. */
export type ValueBytes = (elements: number, dtype: DType) => number;

const AS_STORED: ValueBytes = (elements, dtype) => Math.ceil((elements * bitsOf(dtype)) / 8);

/** Null where shape or dtype is not known. */
function valueBytes(name: string, graph: Graph, inference: Inference, bytesOf: ValueBytes): number | null {
  const { dtype, shape } = inference.factsOf(graph, name);
  const elements = shape === null ? null : product(shape);
  return dtype === null || typeof elements !== 'number' ? null : bytesOf(elements, dtype);
}

/**
 * Largest sum of bytes of activations alive at once when the nodes run one by one in topological order: from where a
 * value is made to where it is last read; a node's inputs and outputs live together. Weights are not counted, views
 * take no memory of their own, a value between `QuantizeLinear` and `DequantizeLinear` counts as its integers.
 * Null where a size is not known.
 */
export function peakActivationBytes(
  graph: Graph,
  inference: Inference,
  bytesOf: ValueBytes = AS_STORED,
  outer: StaticValues | null = null,
): number | null {
  if (!inference.reached(graph)) return null;
  const index = indexGraph(graph);
  if (index.cyclic) return null;
  const { order } = index;
  const statics = new StaticValues(index, null, outer);
  const owners = memoryOwners(graph, order, statics);
  const lastUse = lastUses(graph, order, owners);
  const alive = new Map<string, number>();
  let sum = 0;
  const begin = (value: string): boolean => {
    const owner = owners.get(value);
    if (owner === undefined || alive.has(owner) || !lastUse.has(owner)) return true;
    const bytes = valueBytes(owner, graph, inference, bytesOf);
    if (bytes === null) return false;
    alive.set(owner, bytes);
    sum += bytes;
    return true;
  };
  if (!graph.inputs.every((input) => begin(input.name))) return null;
  let peak = sum;
  const endingAt = groupByPosition(lastUse);
  for (const [position, node] of order.entries()) {
    if (!node.outputs.every(begin)) return null;
    const inner = innerPeak(node, inference, bytesOf, statics);
    if (inner === null) return null;
    peak = Math.max(peak, sum + inner);
    for (const ended of endingAt.get(position) ?? []) {
      sum -= alive.get(ended) ?? 0;
      alive.delete(ended);
    }
  }
  return Number.isSafeInteger(peak) ? peak : null;
}

function innerPeak(node: Node, inference: Inference, bytesOf: ValueBytes, statics: StaticValues): number | null {
  let largest = 0;
  for (const subgraph of subgraphsOf(node)) {
    const peak = peakActivationBytes(subgraph, inference, bytesOf, statics);
    if (peak === null) return null;
    largest = Math.max(largest, peak);
  }
  return largest;
}

/** For every activation the value whose memory it is; values that are left out take none. */
function memoryOwners(graph: Graph, order: readonly Node[], statics: StaticValues): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { name } of graph.inputs) if (!statics.has(name)) owners.set(name, name);
  for (const node of order) {
    const shares = VIEWS.has(node.opType) || CONVERSIONS.has(node.opType);
    for (const output of node.outputs) {
      if (output === '' || statics.has(output)) continue;
      const source = shares ? owners.get(node.inputs[0] ?? '') : undefined;
      owners.set(output, source ?? output);
    }
  }
  return asIntegers(order, owners);
}

/** The owner of a quantized value is its integers: they are what is stored. */
function asIntegers(order: readonly Node[], owners: Map<string, string>): Map<string, string> {
  const stored = new Map<string, string>();
  for (const node of order) {
    const input = owners.get(node.inputs[0] ?? '');
    const output = node.outputs[0];
    if (node.opType === 'QuantizeLinear' && input !== undefined && output !== undefined && !stored.has(input)) {
      stored.set(input, output);
    }
  }
  if (stored.size === 0) return owners;
  return new Map([...owners].map(([name, owner]) => [name, stored.get(owner) ?? owner]));
}

function lastUses(graph: Graph, order: readonly Node[], owners: ReadonlyMap<string, string>): Map<string, number> {
  const last = new Map<string, number>();
  for (const input of graph.inputs) {
    const owner = owners.get(input.name);
    if (owner !== undefined) last.set(owner, -1);
  }
  order.forEach((node, position) => {
    for (const names of [node.outputs, valuesReadBy(node)]) {
      for (const name of names) {
        const owner = owners.get(name);
        if (owner !== undefined) last.set(owner, position);
      }
    }
  });
  for (const output of graph.outputs) {
    const owner = owners.get(output.name);
    if (owner !== undefined) last.set(owner, order.length);
  }
  return last;
}

function groupByPosition(lastUse: ReadonlyMap<string, number>): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const [name, position] of lastUse) {
    const group = groups.get(position);
    if (group === undefined) groups.set(position, [name]);
    else group.push(name);
  }
  return groups;
}
