import type { Node } from '../../../../model/model';
import { stringAttribute } from '../../../graph/attributes';
import type { CarrierRule } from './rule';

const always = (): boolean => true;

/** Reshape, Flatten, Transpose, Squeeze, Unsqueeze: the same elements in another order or shape. */
export const reordering: CarrierRule = { role: 'carrier', accepts: always };

/** The largest of codes is the code of the largest; its second output, positions, has no 8-bit kernel. */
export const maxPool: CarrierRule = {
  role: 'carrier',
  accepts: (node) => node.outputs.filter((name) => name !== '').length === 1,
};

/** Only `nearest` picks elements; other modes compute new values. */
export const resize: CarrierRule = {
  role: 'carrier',
  accepts: (node: Node) => stringAttribute(node, 'mode', 'nearest') === 'nearest',
};
