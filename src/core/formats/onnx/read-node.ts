import type { Attribute, Node } from '../../model/model';
import { withOrigin } from './origin';
import type { Field, Range } from './outline';
import { readGraph } from './read-graph';
import { readTensor } from './read-tensor';
import { valueOf, type Reading } from './reading';
import {
  attributeMessage,
  nodeMessage,
  toNumber,
  type AttributeMessage,
  type Int64,
  type NodeMessage,
  type StringEntry,
} from './schema';

const ATTRIBUTE_FIELD = 5;

export function readNode(reading: Reading, range: Range): Node {
  reading.countNode();
  const bytes = reading.outline.slice(range.start, range.end);
  const whole = bytes === null ? null : nodeMessage.decode(bytes);
  if (whole !== null && !whole.attribute.some(holdsMessages)) {
    const attributes = new Map(whole.attribute.map((message) => [message.name, plainAttribute(message)]));
    return nodeOf(reading, range, whole, attributes);
  }
  return readNodeByFields(reading, range);
}

/** A node whose attributes hold tensors or graphs: those are read where they lie. */
function readNodeByFields(reading: Reading, range: Range): Node {
  const attributes = new Map<string, Attribute>();
  const rest: Field[] = [];
  for (const field of reading.outline.fields(range)) {
    if (field.number === ATTRIBUTE_FIELD) {
      const [name, attribute] = readAttribute(reading, valueOf(field));
      attributes.set(name, attribute);
    } else rest.push(field);
  }
  return nodeOf(reading, range, nodeMessage.decode(reading.join(rest)), attributes);
}

function nodeOf(
  reading: Reading,
  range: Range,
  message: NodeMessage,
  attributes: ReadonlyMap<string, Attribute>,
): Node {
  return withOrigin(reading.outline, range, (origin) => ({
    name: message.name,
    opType: message.opType,
    domain: message.domain === 'ai.onnx' ? '' : message.domain,
    inputs: message.input,
    outputs: message.output,
    attributes,
    metadata: entriesOf(message.metadataProps),
    origin,
  }));
}

export function entriesOf(entries: readonly StringEntry[]): ReadonlyMap<string, string> {
  return new Map(entries.map((entry) => [entry.key, entry.value]));
}

function holdsMessages(message: AttributeMessage): boolean {
  return message.t.length > 0 || message.g.length > 0 || message.graphs.length > 0;
}

function readAttribute(reading: Reading, range: Range): [string, Attribute] {
  const tensors: Range[] = [];
  const graphs: Range[] = [];
  const rest: Field[] = [];
  for (const field of reading.outline.fields(range)) {
    if (field.number === 5) tensors.push(valueOf(field));
    else if (field.number === 6 || field.number === 11) graphs.push(valueOf(field));
    else rest.push(field);
  }
  const message = attributeMessage.decode(reading.join(rest));
  const type = message.type || (tensors.length > 0 ? TENSOR : graphs.length > 0 ? GRAPH : 0);
  return [message.name, nestedAttribute(reading, message, type, tensors, graphs)];
}

const TENSOR = 4;
const GRAPH = 5;
const GRAPHS = 10;

function nestedAttribute(
  reading: Reading,
  message: AttributeMessage,
  type: number,
  tensors: readonly Range[],
  graphs: readonly Range[],
): Attribute {
  if (message.refAttrName !== '') return { kind: 'opaque' };
  const [tensor] = tensors;
  const [graph] = graphs;
  if (type === TENSOR && tensor !== undefined) {
    const weight = readTensor(reading, tensor);
    return weight === null ? { kind: 'opaque' } : { kind: 'tensor', value: weight };
  }
  if (type === GRAPH && graph !== undefined) return { kind: 'graph', value: readGraph(reading, graph) };
  if (type === GRAPHS) return { kind: 'graphs', value: graphs.map((range) => readGraph(reading, range)) };
  return plainAttribute(message);
}

function plainAttribute(message: AttributeMessage): Attribute {
  if (message.refAttrName !== '') return { kind: 'opaque' };
  switch (message.type || impliedType(message)) {
    case 1:
      return { kind: 'float', value: message.f };
    case 2:
      return { kind: 'int', value: clipped(message.i) };
    case 3:
      return { kind: 'string', value: text(message.s) };
    case 6:
      return { kind: 'floats', value: message.floats };
    case 7:
      return { kind: 'ints', value: message.ints.map(clipped) };
    case 8:
      return { kind: 'strings', value: message.strings.map(text) };
    default:
      return { kind: 'opaque' };
  }
}

/** Files before IR version 2 do not state an attribute's type: the field that is set tells it. */
function impliedType(message: AttributeMessage): number {
  if (Object.hasOwn(message, 'f')) return 1;
  if (Object.hasOwn(message, 'i')) return 2;
  if (Object.hasOwn(message, 's')) return 3;
  if (message.floats.length > 0) return 6;
  if (message.ints.length > 0) return 7;
  return message.strings.length > 0 ? 8 : 0;
}

function clipped(value: Int64): number {
  const number = toNumber(value);
  return Math.min(Math.max(number, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
