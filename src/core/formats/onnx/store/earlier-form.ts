import { valuesReadBy } from '../../../analysis/graph-order';
import { WeightResolver } from '../../../analysis/logical-weights';
import { indexGraph } from '../../../analysis/graph-order';
import { functionTable } from '../../../analysis/unpacking/term';
import type { Graph, Model, Node, Weight } from '../../../model/model';

/**
 * Finds weights that the graph makes of codes under their own names, as `store` leaves them: they can be stored anew.
 * The values of what it gives are not there.
 */
export function madeWeights(model: Model): (name: string) => Weight | undefined {
  const resolver = new WeightResolver(indexGraph(model.graph), null, functionTable(model.functions));
  return (name) => {
    const made = resolver.weightOf(name);
    if (made === null || made.name !== name || made.seenShape.length !== made.shape.length) return undefined;
    return { name, dtype: made.dtype, shape: made.seenShape, data: { kind: 'bytes', bytes: new Uint8Array(0) } };
  };
}

/** The graph without the nodes that make these values, and without what only they needed. */
export function withoutMakers(graph: Graph, names: ReadonlySet<string>): Graph {
  const makes = (node: Node) => node.outputs.some((output) => names.has(output));
  if (!graph.nodes.some(makes)) return graph;
  const readers = new Map<string, number>(graph.outputs.map(({ name }) => [name, 1]));
  const producer = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const input of valuesReadBy(node)) readers.set(input, (readers.get(input) ?? 0) + 1);
    for (const output of node.outputs) producer.set(output, node);
  }
  const gone = new Set<Node>();
  const unread = new Set<string>();
  const waiting = graph.nodes.filter(makes);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (gone.has(node)) continue;
    gone.add(node);
    for (const input of valuesReadBy(node)) {
      const left = (readers.get(input) ?? 1) - 1;
      readers.set(input, left);
      if (left > 0) continue;
      unread.add(input);
      const maker = producer.get(input);
      if (maker?.outputs.every((output) => (readers.get(output) ?? 0) === 0)) waiting.push(maker);
    }
  }
  const weights = new Map([...graph.weights].filter(([name]) => !unread.has(name)));
  return { ...graph, nodes: graph.nodes.filter((node) => !gone.has(node)), weights };
}
