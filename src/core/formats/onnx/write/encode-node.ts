import type { Attribute, Node } from '../../../model/model';
import type { Field } from '../outline';
import { attributeMessage, stringEntry } from '../schema';
import { templateOf, unchangedRange, type Template, type WriteContext } from './context';
import { encodeAttribute } from './encode-attribute';
import { Message } from './message';
import { keepsAttribute, keepsNode } from './storage';

/** Field numbers of `NodeProto`. */
const FIELD = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7, metadata: 9 } as const;
const ENCODED: ReadonlySet<number> = new Set(Object.values(FIELD));

/** Adds a node as a field of its graph or function, copied where it did not change. */
export function addNode(context: WriteContext, parent: Message, field: number, node: Node): void {
  const range = unchangedRange(context, node);
  if (range !== null && context.outline !== null && keepsNode(context.storage, node)) {
    parent.copiedMessage(field, context.outline, range);
  } else parent.message(field, encodeNode(context, node));
}

function encodeNode(context: WriteContext, node: Node): Message {
  const message = new Message();
  const template = templateOf(context, node);
  const was = template?.was;
  // An empty name is an input that is left out: it must be there, or the following ones move.
  for (const input of node.inputs) message.bytesField(FIELD.input, Buffer.from(input, 'utf8'));
  for (const output of node.outputs) message.bytesField(FIELD.output, Buffer.from(output, 'utf8'));
  if (template && was?.name === node.name) template.copy(message, FIELD.name);
  else message.text(FIELD.name, node.name);
  message.text(FIELD.opType, node.opType);
  if (template && was?.domain === node.domain) template.copy(message, FIELD.domain);
  else message.text(FIELD.domain, node.domain);
  addAttributes(context, message, node, template);
  if (template && was?.metadata === node.metadata) template.copy(message, FIELD.metadata);
  else addEntries(message, FIELD.metadata, node.metadata);
  template?.copyOthers(message, ENCODED);
  return message;
}

export function addEntries(message: Message, field: number, entries: ReadonlyMap<string, string>): void {
  for (const [key, value] of entries) message.bytesField(field, stringEntry.encode({ key, value }));
}

function addAttributes(context: WriteContext, message: Message, node: Node, template: Template<Node> | null): void {
  const fields = template === null ? new Map<string, Field>() : attributeFields(template);
  for (const [name, attribute] of node.attributes) {
    const field = fields.get(name);
    if (template && field && isKept(context, template.was, name, attribute)) message.copy(template.outline, field);
    else message.message(FIELD.attribute, encodeAttribute(context, name, attribute));
  }
}

function isKept(context: WriteContext, was: Node, name: string, attribute: Attribute): boolean {
  return was.attributes.get(name) === attribute && keepsAttribute(context.storage, attribute);
}

function attributeFields(template: Template<Node>): Map<string, Field> {
  const byName = new Map<string, Field>();
  for (const field of template.numbered(FIELD.attribute)) {
    const names = [...template.outline.fields({ start: field.valueStart, end: field.end })]
      .filter((inner) => inner.number === 1)
      .map((inner) => template.outline.slice(inner.start, inner.end))
      .filter((bytes) => bytes !== null);
    byName.set(attributeMessage.decode(Buffer.concat(names)).name, field);
  }
  return byName;
}
