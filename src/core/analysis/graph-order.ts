import type { Attribute, Graph, Node } from '../model/model';

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

/** Graphs are never changed in place, so what was found of one stays true. */
const INDEXES = new WeakMap<Graph, GraphIndex>();

/** Indexes a graph, once, in time linear in its edges. A value with two producers keeps its first. */
export function indexGraph(graph: Graph): GraphIndex {
  const known = INDEXES.get(graph);
  if (known !== undefined) return known;
  const index = makeIndex(graph);
  INDEXES.set(graph, index);
  return index;
}

function makeIndex(graph: Graph): GraphIndex {
  const producer = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output !== '' && !producer.has(output)) producer.set(output, node);
    }
  }
  const consumers = new Map<string, Node[]>();
  const done = new Set<Node>();
  let sorted = true;
  for (const node of graph.nodes) {
    for (const input of valuesReadBy(node)) {
      const list = consumers.get(input);
      if (list === undefined) consumers.set(input, [node]);
      else list.push(node);
      const maker = producer.get(input);
      if (maker !== undefined && !done.has(maker)) sorted = false;
    }
    done.add(node);
  }
  const { order, cyclic } = sorted ? { order: graph.nodes, cyclic: false } : kahnOrder(graph, producer, consumers);
  return { graph, producer, consumers, outputNames: new Set(graph.outputs.map((value) => value.name)), order, cyclic };
}

/** Names a node reads: its inputs, and what its subgraphs take from outside; each once. */
export function valuesReadBy(node: Node): readonly string[] {
  const { inputs } = node;
  const own = inputs.length < 2 ? inputs : [...new Set(inputs)];
  const given = own.includes('') ? own.filter((name) => name !== '') : own;
  const subgraphs = subgraphsOf(node);
  if (subgraphs.length === 0) return given;
  return [...new Set([...given, ...subgraphs.flatMap((subgraph) => [...capturedBy(subgraph, 1)])])];
}

const NONE: readonly Graph[] = [];

/** The graphs in a node's attributes, in order. */
export function subgraphsOf(node: Node): readonly Graph[] {
  let found = NONE;
  for (const attribute of node.attributes.values()) {
    const graphs = graphsIn(attribute);
    if (graphs.length > 0) found = [...found, ...graphs];
  }
  return found;
}

export function graphsIn(attribute: Attribute): readonly Graph[] {
  if (attribute.kind === 'graph') return [attribute.value];
  return attribute.kind === 'graphs' ? attribute.value : NONE;
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

/** Kahn's algorithm: an order in which producers come first, for files that have another. */
function kahnOrder(
  graph: Graph,
  producer: ReadonlyMap<string, Node>,
  consumers: ReadonlyMap<string, readonly Node[]>,
): { order: readonly Node[]; cyclic: boolean } {
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
    for (const output of new Set(next.outputs)) {
      if (producer.get(output) !== next) continue;
      for (const reader of consumers.get(output) ?? []) {
        const left = (waiting.get(reader) ?? 0) - 1;
        waiting.set(reader, left);
        if (left === 0) ready.push(reader);
      }
    }
  }
  if (order.length === graph.nodes.length) return { order, cyclic: false };
  const placed = new Set(order);
  return { order: [...order, ...graph.nodes.filter((node) => !placed.has(node))], cyclic: true };
}
