import { graphsIn, MAX_SUBGRAPH_DEPTH } from '../analysis/graph-order';
import type { Attribute, Graph, Model, Node, Weight } from '../model/model';

/**
 * Every tensor that a model stores, each once: initializers, tensors in nodes, those of subgraphs and functions; of
 * sparse ones their values and their positions.
 */
export function storedTensors(model: Model): Weight[] {
  const found = new Set<Weight>();
  ofGraph(model.graph, found, 0);
  for (const { nodes } of model.functions) ofNodes(nodes, found, 0);
  return [...found];
}

function ofGraph({ weights, nodes }: Graph, found: Set<Weight>, depth: number): void {
  for (const weight of weights.values()) take(weight, found);
  ofNodes(nodes, found, depth);
}

function ofNodes(nodes: readonly Node[], found: Set<Weight>, depth: number): void {
  for (const { attributes } of nodes) for (const attribute of attributes.values()) ofAttribute(attribute, found, depth);
}

function ofAttribute(attribute: Attribute, found: Set<Weight>, depth: number): void {
  if (attribute.kind === 'tensor') take(attribute.value, found);
  else if (depth < MAX_SUBGRAPH_DEPTH) for (const graph of graphsIn(attribute)) ofGraph(graph, found, depth + 1);
}

function take(weight: Weight, found: Set<Weight>): void {
  if (weight.data.kind !== 'sparse') found.add(weight);
  else for (const part of [weight.data.values, weight.data.positions]) take(part, found);
}
