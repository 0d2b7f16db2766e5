import { createHash } from 'node:crypto';
import type { WeightReader } from '../../../src/core/formats/weight-reader';
import type { Attribute, Graph, Model, Node, Weight } from '../../../src/core/model/model';

/** A model as plain data that two files can be compared by: weights as hashes of their bytes, no places in a file. */
export async function comparable(model: Model, reader: WeightReader): Promise<unknown> {
  return {
    format: model.format,
    formatVersion: model.formatVersion,
    producer: model.producer,
    opsets: [...model.opsets],
    metadata: [...model.metadata],
    graph: await comparableGraph(model.graph, reader),
    functions: await Promise.all(
      model.functions.map(async (definition) => ({
        domain: definition.domain,
        name: definition.name,
        inputs: definition.inputs,
        outputs: definition.outputs,
        nodes: await Promise.all(definition.nodes.map((node) => comparableNode(node, reader))),
      })),
    ),
  };
}

async function comparableGraph(graph: Graph, reader: WeightReader): Promise<unknown> {
  const weights: unknown[] = [];
  for (const [name, weight] of graph.weights) weights.push([name, await comparableWeight(weight, reader)]);
  return {
    name: graph.name,
    nodes: await Promise.all(graph.nodes.map((node) => comparableNode(node, reader))),
    inputs: graph.inputs.map(({ name, type }) => ({ name, type })),
    outputs: graph.outputs.map(({ name, type }) => ({ name, type })),
    values: [...graph.values],
    weights,
  };
}

async function comparableNode(node: Node, reader: WeightReader): Promise<unknown> {
  const attributes: unknown[] = [];
  for (const [name, attribute] of node.attributes) {
    attributes.push([name, attribute.kind, await comparableAttribute(attribute, reader)]);
  }
  const { name, opType, domain, inputs, outputs } = node;
  return { name, opType, domain, inputs, outputs, attributes, metadata: [...node.metadata] };
}

async function comparableAttribute(attribute: Attribute, reader: WeightReader): Promise<unknown> {
  switch (attribute.kind) {
    case 'tensor':
      return comparableWeight(attribute.value, reader);
    case 'graph':
      return comparableGraph(attribute.value, reader);
    case 'graphs':
      return Promise.all(attribute.value.map((graph) => comparableGraph(graph, reader)));
    case 'opaque':
      return null;
    default:
      return attribute.value;
  }
}

async function comparableWeight(weight: Weight, reader: WeightReader): Promise<unknown> {
  return { dtype: weight.dtype, shape: weight.shape, bytes: await hashOf(weight, reader) };
}

export async function hashOf(weight: Weight, reader: WeightReader): Promise<string> {
  const hash = createHash('sha256');
  if (weight.data.kind === 'strings') for (const value of weight.data.values) hash.update(value).update('\n');
  else for await (const chunk of reader.stream(weight).chunks()) hash.update(chunk);
  return hash.digest('hex');
}
