import type { Model } from '../../../model/model';
import type { WriteContext } from '../write/context';
import { addNode } from '../write/encode-node';
import { addTensor } from '../write/encode-tensor';
import { Message } from '../write/message';
import { inlineStorage } from '../write/storage';
import type { UnpackedWeight } from './unpacked-weight';

/** Field numbers of `GraphProto`. */
const NODE = 1;
const INITIALIZER = 5;

/**
 * Bytes of a weight's initializers and nodes in the file, as the writer encodes them: names, headers and all. What
 * several weights share is not in it: shapes and tables of codes, and the functions that calls name.
 */
export function bytesInFile(model: Model, { weights, nodes }: UnpackedWeight): number {
  const context: WriteContext = { outline: null, irVersion: 0, opsets: model.opsets, storage: inlineStorage };
  const message = new Message();
  for (const node of nodes) addNode(context, message, NODE, node);
  for (const weight of weights) addTensor(context, message, INITIALIZER, weight, 'initializer');
  return message.byteLength;
}
