import type { Dimension, FunctionDefinition, Graph, Node, Value, ValueType, Weight } from '../../model/model';
import { dtypeOfCode } from './data-types';
import { withOrigin } from './origin';
import type { Field, Range } from './outline';
import { readNode } from './read-node';
import { readSparse, readTensor } from './read-tensor';
import { valueOf, type Reading } from './reading';
import { functionHead, graphHead, toNumber, valueInfoMessage, type DimensionMessage, type TypeMessage } from './schema';

/** Field numbers of `GraphProto`. */
export const GRAPH = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
} as const;

export function readGraph(reading: Reading, range: Range): Graph {
  const names: Field[] = [];
  const nodes: Node[] = [];
  const inputs: Value[] = [];
  const outputs: Value[] = [];
  const values = new Map<string, ValueType>();
  const weights = new Map<string, Weight>();
  for (const field of reading.outline.fields(range)) {
    const at = valueOf(field);
    switch (field.number) {
      case GRAPH.node:
        nodes.push(readNode(reading, at));
        break;
      case GRAPH.name:
        names.push(field);
        break;
      case GRAPH.initializer:
        addWeight(reading, weights, readTensor(reading, at));
        break;
      case GRAPH.sparseInitializer:
        addWeight(reading, weights, readSparse(reading, at));
        break;
      case GRAPH.input:
        inputs.push(readValue(reading, at));
        break;
      case GRAPH.output:
        outputs.push(readValue(reading, at));
        break;
      case GRAPH.valueInfo: {
        const value = readValue(reading, at);
        values.set(value.name, value.type);
        break;
      }
    }
  }
  return withOrigin(reading.outline, range, (origin) => ({
    name: graphHead.decode(reading.join(names)).name,
    nodes,
    // Before IR version 4 every initializer is listed as an input too.
    inputs: inputs.filter((input) => !weights.has(input.name)),
    outputs,
    values,
    weights,
    origin,
  }));
}

/** An initializer without a name cannot be used by any node: it is kept for writing only. */
function addWeight(reading: Reading, weights: Map<string, Weight>, weight: Weight | null): void {
  if (weight === null) throw reading.malformed('an initializer has no element type');
  if (weight.name !== '') weights.set(weight.name, weight);
}

export function readFunction(reading: Reading, range: Range): FunctionDefinition {
  const nodes: Node[] = [];
  const rest: Field[] = [];
  for (const field of reading.outline.fields(range)) {
    if (field.number === 7) nodes.push(readNode(reading, valueOf(field)));
    else rest.push(field);
  }
  const head = functionHead.decode(reading.join(rest));
  return withOrigin(reading.outline, range, (origin) => ({
    domain: head.domain,
    name: head.name,
    inputs: head.input,
    outputs: head.output,
    nodes,
    origin,
  }));
}

function readValue(reading: Reading, range: Range): Value {
  const message = valueInfoMessage.decode(reading.bytesOf(range));
  return withOrigin(reading.outline, range, (origin) => ({
    name: message.name,
    type: typeOf(message.type),
    origin,
  }));
}

function typeOf(message: TypeMessage | null): ValueType {
  const tensor = message?.tensorType;
  if (!tensor) return { dtype: null, shape: null };
  return {
    dtype: dtypeOfCode(tensor.elemType) ?? null,
    shape: tensor.shape ? tensor.shape.dim.map(dimensionOf) : null,
  };
}

function dimensionOf(message: DimensionMessage): Dimension {
  if (message.value === 'dimParam') return message.dimParam || null;
  if (message.value !== 'dimValue' || message.dimValue === undefined) return null;
  const size = toNumber(message.dimValue);
  return size < 0 ? null : size;
}
