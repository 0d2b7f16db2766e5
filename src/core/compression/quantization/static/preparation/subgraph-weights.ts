import { subgraphsOf } from '../../../../analysis/graph-order';
import type { Attribute, Graph, Model, Node, Weight } from '../../../../model/model';
import { FreshNames } from '../../../graph/fresh-names';

/** Of matrices and filters. Vectors are biases and the like, which stay as they are. */
const LEAST_RANK = 2;

/**
 * Moves float32 weights of branches and loop bodies into the main graph, from which these read them as they read any
 * value from outside: only there are weights stored in fewer bits. Under their own name where no other graph has it.
 */
export function liftWeights(model: Model): Model {
  const lifting = new Lifting(model.graph);
  const graph = lifting.withoutOwnWeights(model.graph);
  if (lifting.lifted.size === 0) return model;
  return { ...model, graph: { ...graph, weights: new Map([...graph.weights, ...lifting.lifted]) } };
}

class Lifting {
  readonly lifted = new Map<string, Weight>();
  private readonly names: FreshNames;
  private readonly definitions = new Map<string, number>();

  constructor(graph: Graph) {
    this.names = new FreshNames(graph);
    this.define(graph);
  }

  /** A graph whose subgraphs hold no weights to lift; it keeps its own. */
  withoutOwnWeights(graph: Graph): Graph {
    return { ...graph, nodes: graph.nodes.map((node) => this.rewired(node, new Map())) };
  }

  /** How often each name is made, in all graphs. */
  private define(graph: Graph): void {
    const made = [
      ...graph.weights.keys(),
      ...graph.inputs.map((value) => value.name).filter((name) => !graph.weights.has(name)),
      ...graph.nodes.flatMap((node) => node.outputs),
    ];
    for (const name of made) this.definitions.set(name, (this.definitions.get(name) ?? 0) + 1);
    for (const node of graph.nodes) for (const subgraph of subgraphsOf(node)) this.define(subgraph);
  }

  private rewired(node: Node, renamed: ReadonlyMap<string, string>): Node {
    const inputs = node.inputs.map((name) => renamed.get(name) ?? name);
    if (subgraphsOf(node).length === 0) return { ...node, inputs };
    const attributes = [...node.attributes].map(([name, attribute]): [string, Attribute] => {
      if (attribute.kind === 'graph') return [name, { ...attribute, value: this.emptied(attribute.value, renamed) }];
      if (attribute.kind !== 'graphs') return [name, attribute];
      return [name, { ...attribute, value: attribute.value.map((graph) => this.emptied(graph, renamed)) }];
    });
    return { ...node, inputs, attributes: new Map(attributes) };
  }

  private emptied(graph: Graph, outer: ReadonlyMap<string, string>): Graph {
    const renamed = new Map(outer);
    const given = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
    const weights = new Map(graph.weights);
    const constants = new Set<Node>();
    const lift = (name: string, weight: Weight): boolean => {
      if (weight.dtype !== 'float32' || weight.shape.length < LEAST_RANK || given.has(name)) return false;
      const place = this.definitions.get(name) === 1 ? name : this.names.like(name);
      this.lifted.set(place, { ...weight, name: place });
      renamed.set(name, place);
      return true;
    };
    for (const [name, weight] of graph.weights) if (lift(name, weight)) weights.delete(name);
    for (const node of graph.nodes) {
      const tensor = node.opType === 'Constant' && node.domain === '' ? node.attributes.get('value') : undefined;
      if (tensor?.kind === 'tensor' && lift(node.outputs[0] ?? '', tensor.value)) constants.add(node);
    }
    const nodes = graph.nodes.filter((node) => !constants.has(node)).map((node) => this.rewired(node, renamed));
    return { ...graph, nodes, weights };
  }
}
