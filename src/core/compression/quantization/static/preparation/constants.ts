import type { Attribute, Model, Node, Weight } from '../../../../model/model';
import { float32Weight, newWeight } from '../../../graph/new-weights';

/**
 * Turns `Constant` nodes of the main graph into initializers under the name of their output, so that passes find
 * weights in one place. Constants that are graph outputs, sparse or strings stay nodes.
 */
export function constantsToWeights(model: Model): Model {
  const outputs = new Set(model.graph.outputs.map((value) => value.name));
  const weights = new Map(model.graph.weights);
  const nodes = model.graph.nodes.filter((node) => {
    const weight = outputs.has(node.outputs[0] ?? '') ? null : constantOf(node);
    if (weight !== null) weights.set(weight.name, weight);
    return weight === null;
  });
  return nodes.length === model.graph.nodes.length ? model : { ...model, graph: { ...model.graph, nodes, weights } };
}

function constantOf(node: Node): Weight | null {
  const name = node.outputs[0];
  if (node.opType !== 'Constant' || node.domain !== '' || name === undefined || name === '') return null;
  for (const attribute of node.attributes.values()) {
    const weight = weightOf(name, attribute);
    if (weight !== null) return weight;
  }
  return null;
}

function weightOf(name: string, attribute: Attribute): Weight | null {
  switch (attribute.kind) {
    case 'tensor':
      return attribute.value.dtype === 'string' ? null : { ...attribute.value, name };
    case 'float':
      return float32Weight(name, [], Float32Array.of(attribute.value));
    case 'floats':
      return float32Weight(name, [attribute.value.length], Float32Array.from(attribute.value));
    case 'int':
      return int64(name, [], [attribute.value]);
    case 'ints':
      return int64(name, [attribute.value.length], attribute.value);
    default:
      return null;
  }
}

function int64(name: string, shape: readonly number[], values: readonly number[]): Weight {
  return newWeight(
    name,
    'int64',
    shape,
    BigInt64Array.from(values, (value) => BigInt(value)),
  );
}
