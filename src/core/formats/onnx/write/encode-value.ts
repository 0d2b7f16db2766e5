import type { Dimension, Value, ValueType } from '../../../model/model';
import { codeOfDtype } from '../data-types';
import { typeMessage, type TypeMessage } from '../schema';
import { templateOf, unchangedRange, type Template, type WriteContext } from './context';
import { Message } from './message';

const FIELD = { name: 1, type: 2 } as const;
const ENCODED: ReadonlySet<number> = new Set(Object.values(FIELD));

/** Adds a value as a field of type `ValueInfoProto`, copied where it did not change. */
export function addValue(context: WriteContext, parent: Message, field: number, value: Value): void {
  const range = unchangedRange(context, value);
  if (range !== null && context.outline !== null) parent.copiedMessage(field, context.outline, range);
  else parent.message(field, encodeValue(context, value));
}

function encodeValue(context: WriteContext, value: Value): Message {
  const message = new Message();
  const template = templateOf(context, value);
  message.text(FIELD.name, value.name);
  if (template?.was.type === value.type) template.copy(message, FIELD.type);
  else addType(message, value.type);
  template?.copyOthers(message, ENCODED);
  return message;
}

/** Adds a `ValueInfoProto` of a tensor; with the fields of `template` that are neither name nor type. */
export function addTyped(
  parent: Message,
  field: number,
  name: string,
  type: ValueType,
  template: Template<unknown> | null,
): void {
  const message = new Message();
  message.text(FIELD.name, name);
  addType(message, type);
  template?.copyOthers(message, ENCODED);
  parent.message(field, message);
}

function addType(message: Message, type: ValueType): void {
  if (type.dtype === null) return;
  const shape = type.shape === null ? null : { dim: type.shape.map(dimensionMessage) };
  const tensorType: TypeMessage['tensorType'] = { elemType: codeOfDtype(type.dtype), shape };
  message.bytesField(FIELD.type, typeMessage.encode({ tensorType }));
}

function dimensionMessage(dimension: Dimension): { dimValue?: number; dimParam?: string } {
  if (dimension === null) return {};
  return typeof dimension === 'number' ? { dimValue: dimension } : { dimParam: dimension };
}
