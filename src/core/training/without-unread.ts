import { valuesReadBy } from '../analysis/graph-order';
import { tidy } from '../compression/graph/tidy';
import type { Graph, Node } from '../model/model';

/**
 * A graph without nodes of which nothing is read, directly or at the end of what reads them: the runtime would compute
 * them all the same. Weights that only they read go too.
 */
export function withoutUnread(graph: Graph): Graph {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const needed = new Set<Node>();
  const waiting = graph.outputs.map(({ name }) => name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const maker = makers.get(name);
    if (maker === undefined || needed.has(maker)) continue;
    needed.add(maker);
    waiting.push(...valuesReadBy(maker));
  }
  return tidy({ ...graph, nodes: graph.nodes.filter((node) => needed.has(node)) });
}
