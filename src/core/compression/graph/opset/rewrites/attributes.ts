import { withAttributes } from '../../attributes';
import type { Rewrite } from '../rewrite';

/** Attributes that say nothing any more. */
export function dropAttributes(names: readonly string[]): Rewrite {
  const removed = Object.fromEntries(names.map((name) => [name, undefined]));
  return (node) => [withAttributes(node, removed)];
}

/** The same operator under its later name. */
export function renameOperator(opType: string): Rewrite {
  return (node) => [{ ...node, opType }];
}

/** Until opset 3 the axis was 1 where it was not stated; later it must be. */
export const concatAxis: Rewrite = (node) => [
  node.attributes.has('axis') ? node : withAttributes(node, { axis: { kind: 'int', value: 1 } }),
];
