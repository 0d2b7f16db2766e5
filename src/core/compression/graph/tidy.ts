import { valuesReadBy } from '../../analysis/graph-order';
import type { Graph, ValueType, Weight } from '../../model/model';

/**
 * The graph without what a rewrite left behind: weights that nothing reads, and stated types of values that are gone.
 */
export function tidy(graph: Graph): Graph {
  const read = new Set<string>(graph.outputs.map((value) => value.name));
  const made = new Set<string>();
  for (const node of graph.nodes) {
    for (const name of valuesReadBy(node)) read.add(name);
    for (const name of node.outputs) made.add(name);
  }
  const weights = new Map<string, Weight>([...graph.weights].filter(([name]) => read.has(name)));
  const values = new Map<string, ValueType>([...graph.values].filter(([name]) => made.has(name)));
  return { ...graph, weights, values };
}
