import type { Attribute, Graph, Model, Node, Value, Weight } from '../../model/model';

/**
 * The same model with the shortest names and without texts: values, weights and parameters of subgraphs are numbered;
 * nodes have no names; producer, documentation, metadata and the types of values between nodes are left out. Inputs and
 * outputs keep their names, which programs use. It computes what the original computes. What a reader did not
 * understand and only copies (opaque attributes) cannot be written from it.
 */
export function withShortNames(model: Model): Model {
  const { format, formatVersion, opsets, functions, files, graph } = model;
  const kept = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const short = shortGraph(graph, new Map(), kept, new ShortNames(kept));
  return { format, formatVersion, producer: '', opsets, metadata: new Map(), graph: short, functions, files };
}

/** Numbers in base 36, those that are taken passed over. */
class ShortNames {
  private next = 0;

  constructor(private readonly taken: ReadonlySet<string>) {}

  fresh(): string {
    for (;;) {
      const name = (this.next++).toString(36);
      if (!this.taken.has(name)) return name;
    }
  }
}

const NONE: ReadonlySet<string> = new Set();

/** @param outer new names of what the graph sees of the graphs around it; its own hide them */
function shortGraph(
  graph: Graph,
  outer: ReadonlyMap<string, string>,
  kept: ReadonlySet<string>,
  names: ShortNames,
): Graph {
  const scope = new Map(outer);
  const own = [...graph.inputs.map(({ name }) => name), ...graph.weights.keys(), ...graph.nodes.flatMap(outputsOf)];
  for (const name of new Set(own)) if (name !== '' && !kept.has(name)) scope.set(name, names.fresh());
  const rename = (name: string): string => scope.get(name) ?? name;
  return {
    name: 'g',
    nodes: graph.nodes.map((node) => shortNode(node, scope, rename, names)),
    inputs: graph.inputs.map((value) => shortValue(value, rename)),
    outputs: graph.outputs.map((value) => shortValue(value, rename)),
    values: new Map(),
    weights: new Map([...graph.weights].map(([name, weight]) => [rename(name), shortWeight(weight, rename(name))])),
  };
}

const outputsOf = ({ outputs }: Node): readonly string[] => outputs;

function shortNode(
  { opType, domain, inputs, outputs, attributes }: Node,
  scope: ReadonlyMap<string, string>,
  rename: (name: string) => string,
  names: ShortNames,
): Node {
  const short = new Map([...attributes].map(([name, attribute]) => [name, shortAttribute(attribute, scope, names)]));
  return {
    ...{ name: '', opType, domain, attributes: short, metadata: new Map() },
    ...{ inputs: inputs.map(rename), outputs: outputs.map(rename) },
  };
}

function shortAttribute(attribute: Attribute, scope: ReadonlyMap<string, string>, names: ShortNames): Attribute {
  switch (attribute.kind) {
    case 'tensor':
      return { kind: 'tensor', value: shortWeight(attribute.value, '') };
    case 'graph':
      return { kind: 'graph', value: shortGraph(attribute.value, scope, NONE, names) };
    case 'graphs':
      return { kind: 'graphs', value: attribute.value.map((graph) => shortGraph(graph, scope, NONE, names)) };
    default:
      return attribute;
  }
}

const shortValue = ({ name, type }: Value, rename: (name: string) => string): Value => ({ name: rename(name), type });

function shortWeight({ dtype, shape, data }: Weight, name: string): Weight {
  if (data.kind !== 'sparse') return { name, dtype, shape, data };
  const [values, positions] = [shortWeight(data.values, name), shortWeight(data.positions, '')];
  return { name, dtype, shape, data: { kind: 'sparse', values, positions } };
}
