import { quotedName } from '../../file-errors';
import { EdgewiseError } from '../../../errors';
import type { Weight } from '../../../model/model';
import { codeOfDtype } from '../data-types';
import { stringEntry } from '../schema';
import { RAW_DATA } from '../typed-fields';
import { templateOf, unchangedRange, type WriteContext } from './context';
import { Message } from './message';
import { checkedBytes, type ExternalPlace, type WeightRole } from './storage';

/** Fields of `TensorProto` that are always encoded anew; documentation, metadata and unknown ones are kept. */
const ENCODED: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14]);
const SPARSE_ENCODED: ReadonlySet<number> = new Set([1, 2, 3]);

const NAME = 8;
const EXTERNAL = 1;

/** Adds a weight as a field of type `TensorProto`, copied where it did not change. */
export function addTensor(
  context: WriteContext,
  parent: Message,
  field: number,
  weight: Weight,
  role: WeightRole,
): void {
  const range = unchangedRange(context, weight);
  if (range !== null && context.outline !== null && context.storage.keeps(weight, role)) {
    parent.copiedMessage(field, context.outline, range);
  } else parent.message(field, encodeTensor(context, weight, role));
}

function encodeTensor(context: WriteContext, weight: Weight, role: WeightRole): Message {
  const message = new Message();
  for (const dimension of weight.shape) message.integer(1, dimension);
  message.integer(2, codeOfDtype(weight.dtype));
  const template = templateOf(context, weight);
  if (template?.was.name === weight.name && weight.data.kind !== 'sparse') template.copy(message, NAME);
  else message.text(NAME, weight.name);
  template?.copyOthers(message, ENCODED);
  const place = context.storage.place(weight, role);
  if (place === null) addNumbers(message, weight);
  else addPlace(message, place);
  return message;
}

function addNumbers(message: Message, weight: Weight): void {
  const { data } = weight;
  if (data.kind === 'strings') for (const value of data.values) message.bytesField(6, value);
  else if (data.kind === 'bytes' && data.bytes.byteLength === checkedBytes(weight)) {
    message.bytesField(RAW_DATA, data.bytes);
  } else message.weight(RAW_DATA, weight, checkedBytes(weight));
}

function addPlace(message: Message, place: ExternalPlace): void {
  const entries = { location: place.location, offset: String(place.offset), length: String(place.length) };
  for (const [key, value] of Object.entries(entries)) message.bytesField(13, stringEntry.encode({ key, value }));
  message.integer(14, EXTERNAL);
}

/** Adds a weight as a field of type `SparseTensorProto`; its name is that of its values. */
export function addSparse(context: WriteContext, parent: Message, field: number, weight: Weight): void {
  const range = unchangedRange(context, weight);
  if (range !== null && context.outline !== null && context.storage.keeps(weight, 'initializer')) {
    parent.copiedMessage(field, context.outline, range);
    return;
  }
  const { data } = weight;
  if (data.kind !== 'sparse')
    throw new EdgewiseError('internal', `The weight ${quotedName(weight.name)} is not sparse.`);
  const values = data.values.name === weight.name ? data.values : { ...data.values, name: weight.name };
  const message = new Message();
  addTensor(context, message, 1, values, 'part');
  addTensor(context, message, 2, data.positions, 'part');
  for (const dimension of weight.shape) message.integer(3, dimension);
  templateOf(context, weight)?.copyOthers(message, SPARSE_ENCODED);
  parent.message(field, message);
}
