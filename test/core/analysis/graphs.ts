import type { DType } from '../../../src/core/model/dtype';
import { bitsOf } from '../../../src/core/model/dtype';
import type { Attribute, Dimension, Graph, Model, Node, Value, Weight } from '../../../src/core/model/model';
import { elementsOf } from '../../../src/core/model/model';

/** Builds small models in memory, so that each test shows the whole graph it speaks of. */

type AttributeValue = number | string | readonly number[] | Graph | Weight | Attribute;

function attribute(value: AttributeValue): Attribute {
  if (typeof value === 'number') return Number.isInteger(value) ? { kind: 'int', value } : { kind: 'float', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (Array.isArray(value)) return { kind: 'ints', value };
  if ('nodes' in value) return { kind: 'graph', value };
  if ('data' in value) return { kind: 'tensor', value };
  return value as Attribute;
}

export interface NodeFacts {
  name?: string;
  domain?: string;
  attributes?: Record<string, AttributeValue>;
  metadata?: Record<string, string>;
}

export function node(opType: string, inputs: string[], outputs: string[], facts: NodeFacts = {}): Node {
  return {
    name: facts.name ?? '',
    opType,
    domain: facts.domain ?? '',
    inputs,
    outputs,
    attributes: new Map(Object.entries(facts.attributes ?? {}).map(([name, value]) => [name, attribute(value)])),
    metadata: new Map(Object.entries(facts.metadata ?? {})),
  };
}

/** A weight whose numbers do not matter: it only says where its bytes would lie. */
export function weight(name: string, shape: number[], dtype: DType = 'float32'): Weight {
  const length = Math.ceil((elementsOf(shape) * bitsOf(dtype)) / 8);
  return { name, dtype, shape, data: { kind: 'range', file: 0, offset: 0, length, storage: 'raw' } };
}

export function integers(name: string, numbers: readonly number[], shape: number[] = [numbers.length]): Weight {
  const bytes = new Uint8Array(BigInt64Array.from(numbers, (number) => BigInt(number)).buffer);
  return { name, dtype: 'int64', shape, data: { kind: 'bytes', bytes } };
}

export function floats(name: string, numbers: readonly number[], shape: number[] = [numbers.length]): Weight {
  return {
    name,
    dtype: 'float32',
    shape,
    data: { kind: 'bytes', bytes: new Uint8Array(Float32Array.from(numbers).buffer) },
  };
}

export function value(name: string, shape: readonly Dimension[] | null, dtype: DType | null = 'float32'): Value {
  return { name, type: { dtype, shape } };
}

export interface GraphParts {
  nodes?: Node[];
  inputs?: Value[];
  outputs?: Value[];
  weights?: Weight[];
  values?: Value[];
}

export function graph(parts: GraphParts): Graph {
  return {
    name: 'graph',
    nodes: parts.nodes ?? [],
    inputs: parts.inputs ?? [],
    outputs: parts.outputs ?? [],
    values: new Map((parts.values ?? []).map(({ name, type }) => [name, type])),
    weights: new Map((parts.weights ?? []).map((tensor) => [tensor.name, tensor])),
  };
}

export function model(parts: GraphParts, change: Partial<Model> = {}): Model {
  return {
    format: 'onnx',
    formatVersion: 'IR 10',
    producer: 'test',
    opsets: new Map([
      ['', 20],
      ['com.microsoft', 1],
    ]),
    metadata: new Map(),
    graph: graph(parts),
    functions: [],
    files: [{ path: '/models/test.onnx', size: 1000, identity: '' }],
    ...change,
  };
}
