import type { Graph, Node } from '../model/model';

/** Graphs nest (If, Loop, Scan); deeper ones than this are left unread rather than trusted. */
export const MAX_SUBGRAPH_DEPTH = 32;

/** Who makes and who takes each value of one graph. Subgraphs count as consumers of what they capture. */
export interface GraphIndex {
  readonly graph: Graph;
  readonly producer: ReadonlyMap<string, Node>;
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
  readonly outputNames: ReadonlySet<string>;
  /** Nodes so that producers come first; nodes on a cycle come last, in file order. */
  readonly order: readonly Node[];
  readonly cyclic: boolean;
}

/** Indexes a graph in time linear in its edges. A value with two producers keeps its first. */
export function indexGraph(graph: Graph): GraphIndex {
  const producer = new Map<string, Node>();
  const consumers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output !== '' && !producer.has(output)) producer.set(output, node);
    }
    for (const input of valuesReadBy(node)) {
      const list = consumers.get(input);
      if (list === undefined) consumers.set(input, [node]);
      else list.push(node);
    }
  }
  const { order, cyclic } = topologicalOrder(graph, producer, consumers);
  return { graph, producer, consumers, outputNames: new Set(graph.outputs.map((value) => value.name)), order, cyclic };
}

/** Names a node reads: its inputs, and what its subgraphs take from outside; each once. */
export function valuesReadBy(node: Node): ReadonlySet<string> {
  const names = new Set(node.inputs);
  names.delete('');
  for (const subgraph of subgraphsOf(node)) {
    for (const name of capturedBy(subgraph, 1)) names.add(name);
  }
  return names;
}

/** The graphs in a node's attributes, in order. */
export function subgraphsOf(node: Node): Graph[] {
  const graphs: Graph[] = [];
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === 'graph') graphs.push(attribute.value);
    else if (attribute.kind === 'graphs') graphs.push(...attribute.value);
  }
  return graphs;
}

function capturedBy(graph: Graph, depth: number): Set<string> {
  const made = new Set<string>([...graph.inputs.map((value) => value.name), ...graph.weights.keys()]);
  for (const node of graph.nodes) for (const output of node.outputs) made.add(output);
  const captured = new Set<string>();
  const take = (name: string): void => {
    if (name !== '' && !made.has(name)) captured.add(name);
  };
  for (const node of graph.nodes) {
    node.inputs.forEach(take);
    if (depth >= MAX_SUBGRAPH_DEPTH) continue;
    for (const subgraph of subgraphsOf(node)) capturedBy(subgraph, depth + 1).forEach(take);
  }
  graph.outputs.forEach((value) => {
    take(value.name);
  });
  return captured;
}

/** The file's own order where producers come first in it, otherwise one of Kahn's algorithm. */
function topologicalOrder(
  graph: Graph,
  producer: ReadonlyMap<string, Node>,
  consumers: ReadonlyMap<string, readonly Node[]>,
): { order: readonly Node[]; cyclic: boolean } {
  if (isSorted(graph, producer, consumers)) return { order: graph.nodes, cyclic: false };
  const waiting = new Map<Node, number>();
  for (const node of graph.nodes) waiting.set(node, 0);
  for (const [value, readers] of consumers) {
    if (!producer.has(value)) continue;
    for (const reader of readers) waiting.set(reader, (waiting.get(reader) ?? 0) + 1);
  }
  const ready = graph.nodes.filter((node) => waiting.get(node) === 0);
  const order: Node[] = [];
  for (let next = ready[0]; next !== undefined; next = ready[order.length]) {
    order.push(next);
    for (const reader of readersOf(next, producer, consumers)) {
      const left = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  if (order.length === graph.nodes.length) return { order, cyclic: false };
  const placed = new Set(order);
  return { order: [...order, ...graph.nodes.filter((node) => !placed.has(node))], cyclic: true };
}

function isSorted(
  graph: Graph,
  producer: ReadonlyMap<string, Node>,
  consumers: ReadonlyMap<string, readonly Node[]>,
): boolean {
  const run = new Set<Node>();
  for (const node of graph.nodes) {
    run.add(node);
    if (readersOf(node, producer, consumers).some((reader) => run.has(reader))) return false;
  }
  return true;
}

/** Nodes that read what a node makes; one that reads two of its outputs comes twice. */
function readersOf(
  node: Node,
  producer: ReadonlyMap<string, Node>,
  consumers: ReadonlyMap<string, readonly Node[]>,
): Node[] {
  const made = new Set(node.outputs.filter((output) => producer.get(output) === node));
  return [...made].flatMap((output) => consumers.get(output) ?? []);
}
