import { stringAttribute, withAttributes } from '../../attributes';
import type { Rewrite } from '../rewrite';

/** From 18 on, equal parts are asked for by their number. */
export const countedSplit: Rewrite = (node) => {
  const hasLengths = (node.inputs[1] ?? '') !== '';
  return [hasLengths ? node : withAttributes(node, { num_outputs: { kind: 'int', value: node.outputs.length } })];
};

/** Until 15 regions were taken as pixels of the output count, which became an option that is not the usual one. */
export const statedCoordinates: Rewrite = (node) => [
  withAttributes(node, { coordinate_transformation_mode: { kind: 'string', value: 'output_half_pixel' } }),
];

/** "linear" and "cubic" from 20 on. */
export const renamedModes: Rewrite = (node) => {
  const mode = stringAttribute(node, 'mode', 'bilinear');
  return [withAttributes(node, { mode: { kind: 'string', value: mode.replace(/^bi(?=linear$|cubic$)/, '') } })];
};
