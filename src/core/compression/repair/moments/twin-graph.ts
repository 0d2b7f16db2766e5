import { indexGraph, subgraphsOf, valuesReadBy } from '../../../analysis/graph-order';
import type { Graph, Node, Weight } from '../../../model/model';
import type { FreshNames } from '../../graph/fresh-names';

/** A float graph and its rounded twin in one: what both share is computed once. */
export interface TwinGraph {
  readonly nodes: readonly Node[];
  readonly weights: ReadonlyMap<string, Weight>;
  /** The twin's name of a value; the value itself where nothing before it was rounded. */
  readonly roundedName: (value: string) => string;
}

/**
 * What computes `values`, twice where they differ: with the float graph's weights, and with those of `changed`, which
 * has the same names. Null where a subgraph reads what would have to be renamed.
 */
export function twinGraph(
  float: Graph,
  changed: ReadonlyMap<string, Weight>,
  values: readonly string[],
  names: FreshNames,
): TwinGraph | null {
  const needed = nodesBehind(float, values);
  const renamed = new Map<string, string>();
  const weights = new Map<string, Weight>();
  const nodes: Node[] = [];
  for (const node of indexGraph(float).order) {
    if (!needed.has(node)) continue;
    nodes.push(node);
    const read = valuesReadBy(node);
    for (const name of read) takeWeight(name);
    if (!read.some((name) => renamed.has(name))) continue;
    if (subgraphsOf(node).length > 0) return null;
    for (const name of node.outputs) if (name !== '') renamed.set(name, names.numbered('t'));
    const twin = (name: string): string => renamed.get(name) ?? name;
    nodes.push({ ...node, name: '', inputs: node.inputs.map(twin), outputs: node.outputs.map(twin) });
  }
  return { nodes, weights, roundedName: (value) => renamed.get(value) ?? value };

  function takeWeight(name: string): void {
    const weight = float.weights.get(name);
    if (weight === undefined || weights.has(name)) return;
    weights.set(name, weight);
    const other = changed.get(name);
    if (other === undefined || other === weight) return;
    const twin = names.numbered('t');
    renamed.set(name, twin);
    weights.set(twin, { ...other, name: twin });
  }
}

function nodesBehind(graph: Graph, values: readonly string[]): Set<Node> {
  const { producer } = indexGraph(graph);
  const found = new Set<Node>();
  const waiting = [...values];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    const node = producer.get(value);
    if (node === undefined || found.has(node)) continue;
    found.add(node);
    waiting.push(...valuesReadBy(node));
  }
  return found;
}
