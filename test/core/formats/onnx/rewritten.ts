import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Attribute, FunctionDefinition, Graph, Model, Node, Weight } from '../../../../src/core/model/model';

/** A copy of a model in which no object is the one that was read, so that the writer encodes all of it anew. */
export function withEverythingAnew(model: Model): Model {
  return {
    ...model,
    opsets: new Map(model.opsets),
    metadata: new Map(model.metadata),
    graph: newGraph(model.graph),
    functions: model.functions.map((definition): FunctionDefinition => ({
      ...definition,
      nodes: definition.nodes.map(newNode),
    })),
  };
}

function newGraph(graph: Graph): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map(newNode),
    inputs: graph.inputs.map((input) => ({ ...input })),
    outputs: graph.outputs.map((output) => ({ ...output })),
    values: new Map(graph.values),
    weights: new Map([...graph.weights].map(([name, weight]) => [name, newWeight(weight)])),
  };
}

function newNode(node: Node): Node {
  return {
    ...node,
    inputs: [...node.inputs],
    attributes: new Map([...node.attributes].map(([name, attribute]) => [name, newAttribute(attribute)])),
    metadata: new Map(node.metadata),
  };
}

function newAttribute(attribute: Attribute): Attribute {
  switch (attribute.kind) {
    case 'opaque':
      return attribute;
    case 'graph':
      return { kind: 'graph', value: newGraph(attribute.value) };
    case 'graphs':
      return { kind: 'graphs', value: attribute.value.map(newGraph) };
    case 'tensor':
      return { kind: 'tensor', value: newWeight(attribute.value) };
    default:
      return { ...attribute };
  }
}

function newWeight(weight: Weight): Weight {
  if (weight.data.kind !== 'sparse') return { ...weight };
  const { values, positions } = weight.data;
  return { ...weight, data: { kind: 'sparse', values: newWeight(values), positions: newWeight(positions) } };
}

/** How a typed field's numbers lie in memory. Fields of 32-bit integers also carry all narrower types. */
const TYPED_FIELDS = {
  floatData: (values: readonly number[]) => Float32Array.from(values),
  doubleData: (values: readonly number[]) => Float64Array.from(values),
} as const;

const NARROW_BYTES: Readonly<Record<number, number>> = { 6: 4, 4: 2, 5: 2, 10: 2, 16: 2 };
const UINT32 = 12;

/**
 * A plainly decoded message in which tensors' numbers are raw bytes, whichever field or file they are kept in, and the
 * two ways to write "no attribute comment" or "the standard domain" are one. Everything else is as it was.
 */
export function decodedNumbers(message: unknown, folder: string): unknown {
  if (Array.isArray(message)) return message.map((entry) => decodedNumbers(entry, folder));
  if (typeof message !== 'object' || message === null) return message;
  const fields = new Map(Object.entries(message).map(([name, value]) => [name, decodedNumbers(value, folder)]));
  if (fields.has('dataType')) moveNumbers(fields, folder);
  if (fields.has('version') && fields.get('domain') === '') fields.delete('domain');
  return Object.fromEntries([...fields].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function moveNumbers(fields: Map<string, unknown>, folder: string): void {
  const raw = rawNumbers(fields, folder);
  for (const name of ['floatData', 'doubleData', 'int32Data', 'int64Data', 'uint64Data', 'externalData']) {
    fields.delete(name);
  }
  fields.delete('dataLocation');
  if (raw !== null && raw.byteLength > 0) fields.set('rawData', raw.toString('base64'));
  else fields.delete('rawData');
}

function rawNumbers(fields: ReadonlyMap<string, unknown>, folder: string): Buffer | null {
  const raw = fields.get('rawData');
  if (typeof raw === 'string') return Buffer.from(raw, 'base64');
  const external = fields.get('externalData');
  if (Array.isArray(external) && fields.get('dataLocation') === 1) return externalNumbers(external, folder);
  for (const [name, toArray] of Object.entries(TYPED_FIELDS)) {
    const values = fields.get(name);
    if (Array.isArray(values)) return Buffer.from(toArray(values.map(Number)).buffer);
  }
  const int64 = fields.get('int64Data') ?? (fields.get('dataType') === UINT32 ? undefined : fields.get('uint64Data'));
  if (Array.isArray(int64))
    return Buffer.from(BigUint64Array.from(int64.map((v) => BigInt.asUintN(64, BigInt(String(v))))).buffer);
  const uint32 = fields.get('uint64Data');
  if (Array.isArray(uint32)) return Buffer.from(Uint32Array.from(uint32.map(Number)).buffer);
  const int32 = fields.get('int32Data');
  return Array.isArray(int32) ? narrow(int32.map(Number), Number(fields.get('dataType'))) : null;
}

function narrow(values: readonly number[], dataType: number): Buffer {
  const width = NARROW_BYTES[dataType] ?? 1;
  const all = Buffer.from(Int32Array.from(values).buffer);
  return Buffer.concat(values.map((_, index) => all.subarray(index * 4, index * 4 + width)));
}

function externalNumbers(entries: readonly unknown[], folder: string): Buffer {
  const found = new Map<string, string>();
  for (const entry of entries) {
    if (typeof entry !== 'object' || entry === null || !('key' in entry) || !('value' in entry)) continue;
    found.set(String(entry.key), String(entry.value));
  }
  const bytes = readFileSync(path.join(folder, found.get('location') ?? ''));
  const offset = Number(found.get('offset') ?? 0);
  const length = found.get('length');
  return bytes.subarray(offset, length === undefined ? undefined : offset + Number(length));
}
