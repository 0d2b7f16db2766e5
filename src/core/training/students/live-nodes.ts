import { indexGraph, valuesReadBy } from '../../analysis/graph-order';
import { tidy } from '../../compression/graph/tidy';
import type { Graph, Model, Node } from '../../model/model';

/** The graph with only what its outputs need: nodes and weights that a rewrite left behind are gone. */
export function liveGraph(graph: Graph): Graph {
  const { producer } = indexGraph(graph);
  const live = new Set<Node>();
  const waiting = graph.outputs.map(({ name }) => name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = producer.get(name);
    if (!node || live.has(node)) continue;
    live.add(node);
    waiting.push(...valuesReadBy(node));
  }
  return tidy({ ...graph, nodes: graph.nodes.filter((node) => live.has(node)) });
}

/** The model with other nodes and weights; stated types of values in between no longer hold and are left out. */
export function withGraph(model: Model, changes: Partial<Pick<Graph, 'nodes' | 'weights'>>): Model {
  return { ...model, graph: liveGraph({ ...model.graph, ...changes, values: new Map() }) };
}
