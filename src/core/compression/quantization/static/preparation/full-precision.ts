import { graphsIn, subgraphsOf } from '../../../../analysis/graph-order';
import type { WeightReader } from '../../../../formats/weight-reader';
import type { Kernels } from '../../../../kernels';
import type { DType } from '../../../../model/dtype';
import {
  elementsOf,
  type Attribute,
  type Graph,
  type Model,
  type Node,
  type Value,
  type Weight,
} from '../../../../model/model';
import { float32Stream } from '../../../encodings/dense';
import { denseValues } from '../../../encodings/stored';
import { FreshNames } from '../../../graph/fresh-names';
import { newNode } from '../../../graph/new-nodes';

const HALVES: ReadonlySet<DType> = new Set(['float16', 'bfloat16']);

/** `TensorProto.DataType` of those that a `Cast` and a generator may name. */
const FLOAT32_CODE = 1;
const CODES: ReadonlyMap<number, DType> = new Map([
  [10, 'float16'],
  [16, 'bfloat16'],
]);

/** Attributes that name an element type. */
const TYPE_ATTRIBUTES: ReadonlySet<string> = new Set(['to', 'dtype', 'output_datatype']);

const FLOAT32_BYTES = 4;

/**
 * A model that computes in float16 or bfloat16, in float32: weights widened, conversions aimed at float32. What it takes
 * and gives keeps its type. Models that only store weights so, and those with functions of their own, stay as they are.
 */
export async function computeInFull(model: Model, reader: WeightReader, kernels: Kernels): Promise<Model> {
  if (model.functions.length > 0 || !computesInHalf(model.graph)) return model;
  const widen = (weight: Weight): Promise<Weight> => widened(weight, reader, kernels);
  const graph = await inFull(model.graph, widen);
  return { ...model, graph: withTypedEnds(graph, model.graph) };
}

/** True where a value of such a type is computed: given, cast to, or read by anything but a `Cast`. */
function computesInHalf(graph: Graph): boolean {
  const isHalf = (weight: Weight | undefined): boolean => weight !== undefined && HALVES.has(weight.dtype);
  if ([...graph.inputs, ...graph.outputs].some(isHalfValue)) return true;
  return graph.nodes.some((node) => {
    const target = node.attributes.get('to');
    if (node.opType === 'Cast' && target?.kind === 'int' && CODES.has(target.value)) return true;
    const reads = node.opType !== 'Cast' && node.inputs.some((name) => isHalf(graph.weights.get(name)));
    return reads || subgraphsOf(node).some(computesInHalf);
  });
}

function isHalfValue({ type }: Value): boolean {
  return type?.dtype !== undefined && type.dtype !== null && HALVES.has(type.dtype);
}

type Widen = (weight: Weight) => Promise<Weight>;

async function inFull(graph: Graph, widen: Widen): Promise<Graph> {
  const weights = new Map<string, Weight>();
  for (const [name, weight] of graph.weights) weights.set(name, await widen(weight));
  const nodes: Node[] = [];
  for (const node of graph.nodes) nodes.push(await nodeInFull(node, widen));
  const inFullType = (value: Value): Value =>
    isHalfValue(value) && value.type !== null ? { ...value, type: { ...value.type, dtype: 'float32' } } : value;
  // Stated types of inner values are inferred again.
  return {
    ...graph,
    weights,
    nodes,
    values: new Map(),
    inputs: graph.inputs.map(inFullType),
    outputs: graph.outputs.map(inFullType),
  };
}

async function nodeInFull(node: Node, widen: Widen): Promise<Node> {
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) attributes.set(name, await attributeInFull(name, attribute, widen));
  return { ...node, attributes };
}

async function attributeInFull(name: string, attribute: Attribute, widen: Widen): Promise<Attribute> {
  if (attribute.kind === 'tensor') return { ...attribute, value: await widen(attribute.value) };
  if (attribute.kind === 'int' && TYPE_ATTRIBUTES.has(name) && CODES.has(attribute.value)) {
    return { ...attribute, value: FLOAT32_CODE };
  }
  if (attribute.kind === 'graph') return { ...attribute, value: await inFull(attribute.value, widen) };
  if (attribute.kind !== 'graphs') return attribute;
  const graphs: Graph[] = [];
  for (const graph of graphsIn(attribute)) graphs.push(await inFull(graph, widen));
  return { ...attribute, value: graphs };
}

async function widened(weight: Weight, reader: WeightReader, kernels: Kernels): Promise<Weight> {
  if (!HALVES.has(weight.dtype)) return weight;
  const elements = elementsOf(weight.shape);
  const bytes = new Uint8Array(elements * FLOAT32_BYTES);
  let done = 0;
  for await (const chunk of float32Stream(kernels, elements, () => denseValues(kernels, reader, weight)).chunks()) {
    bytes.set(chunk, done);
    done += chunk.byteLength;
  }
  return { name: weight.name, dtype: 'float32', shape: weight.shape, data: { kind: 'bytes', bytes } };
}

/** `Cast` where the model takes or gives another type than it computes in. */
function withTypedEnds(graph: Graph, before: Graph): Graph {
  const names = new FreshNames(graph);
  const renamed = new Map<string, string>();
  const first: Node[] = [];
  for (const value of before.inputs) {
    if (!isHalfValue(value) || graph.weights.has(value.name)) continue;
    const inner = names.like(`${value.name}_32`);
    renamed.set(value.name, inner);
    first.push(cast(value.name, inner, FLOAT32_CODE));
  }
  const last: Node[] = [];
  for (const value of before.outputs) {
    const code = [...CODES].find(([, dtype]) => dtype === value.type?.dtype)?.[0];
    if (code === undefined) continue;
    const inner = renamed.get(value.name) ?? names.like(`${value.name}_32`);
    renamed.set(value.name, inner);
    last.push(cast(inner, value.name, code));
  }
  const nodes = graph.nodes.map((node) => renamedIn(node, renamed));
  const ends = { inputs: before.inputs, outputs: before.outputs };
  return { ...graph, ...ends, nodes: [...first, ...nodes, ...last] };
}

function cast(from: string, to: string, code: number): Node {
  return newNode('Cast', [from], [to], { to: { kind: 'int', value: code } });
}

/** Also in what subgraphs read from outside; no graph makes a name that an outer one has. */
function renamedIn(node: Node, names: ReadonlyMap<string, string>): Node {
  const name = (each: string): string => names.get(each) ?? each;
  const inner = (graph: Graph): Graph => ({
    ...graph,
    nodes: graph.nodes.map((each) => renamedIn(each, names)),
    outputs: graph.outputs.map((value) => ({ ...value, name: name(value.name) })),
  });
  const attributes = [...node.attributes].map(([key, attribute]): [string, Attribute] => {
    if (attribute.kind === 'graph') return [key, { ...attribute, value: inner(attribute.value) }];
    return [key, attribute.kind === 'graphs' ? { ...attribute, value: attribute.value.map(inner) } : attribute];
  });
  return {
    ...node,
    inputs: node.inputs.map(name),
    outputs: node.outputs.map(name),
    attributes: new Map(attributes),
  };
}
