import { intAttribute, withAttributes } from '../../attributes';
import type { Rewrite } from '../rewrite';

/**
 * Opset 1 to 6: the second operand was broadcast only with `broadcast = 1`, its dimensions laid against those of the
 * first from `axis` on (default: the last ones). Later operands are aligned at their last dimension, so a constant gets
 * ones behind its shape. Not possible where the operand is computed and an axis is named, or dimensions are unknown.
 */
export const broadcastToShape: Rewrite = (node, scope) => {
  const plain = withAttributes(node, { broadcast: undefined, axis: undefined });
  if (intAttribute(node, 'broadcast', 0) === 0 || !node.attributes.has('axis')) return [plain];
  const [left = '', right = ''] = node.inputs;
  const weight = scope.weight(right);
  const rank = scope.rankOf(left);
  if (weight === undefined || rank === null) return null;
  const axis = intAttribute(node, 'axis', 0);
  const missing = rank - (axis < 0 ? axis + rank : axis) - weight.shape.length;
  if (missing < 0) return null;
  if (missing === 0) return [plain];
  const shape = [...weight.shape, ...new Array<number>(missing).fill(1)];
  const name = scope.add({ ...weight, name: scope.names.like(right), shape });
  return [{ ...plain, inputs: [left, name] }];
};
