import { quotedName } from '../../file-errors';
import { EdgewiseError } from '../../../errors';
import type { Attribute } from '../../../model/model';
import { attributeMessage, type AttributeMessage } from '../schema';
import type { WriteContext } from './context';
import { addGraph } from './encode-graph';
import { addTensor } from './encode-tensor';
import { Message } from './message';

const TYPE_FIELD = 20;

/** An attribute as an `AttributeProto`. @throws EdgewiseError for one that was never understood and is not in the file. */
export function encodeAttribute(context: WriteContext, name: string, attribute: Attribute): Message {
  const message = new Message();
  message.text(1, name);
  switch (attribute.kind) {
    case 'tensor':
      addTensor(context, message, 5, attribute.value, 'part');
      message.integer(TYPE_FIELD, 4);
      return message;
    case 'graph':
      addGraph(context, message, 6, attribute.value);
      message.integer(TYPE_FIELD, 5);
      return message;
    case 'graphs':
      for (const graph of attribute.value) addGraph(context, message, 11, graph);
      message.integer(TYPE_FIELD, 10);
      return message;
    case 'opaque':
      throw new EdgewiseError(
        'unsupported',
        `The attribute ${quotedName(name)} can only be kept on the node that it was read with.`,
      );
    default:
      message.append(attributeMessage.encode(plainMessage(attribute)));
      return message;
  }
}

type PlainAttribute = Exclude<Attribute, { kind: 'tensor' | 'graph' | 'graphs' | 'opaque' }>;

function plainMessage(attribute: PlainAttribute): Partial<AttributeMessage> {
  switch (attribute.kind) {
    case 'float':
      return { type: 1, f: attribute.value };
    case 'int':
      return { type: 2, i: attribute.value };
    case 'string':
      return { type: 3, s: Buffer.from(attribute.value, 'utf8') };
    case 'floats':
      return { type: 6, floats: [...attribute.value] };
    case 'ints':
      return { type: 7, ints: [...attribute.value] };
    case 'strings':
      return { type: 8, strings: attribute.value.map((value) => Buffer.from(value, 'utf8')) };
  }
}
