import type { Node, Weight } from '../model/model';
import type { LogicalWeight } from './logical-weights';

/** com.microsoft MatMulNBits: codes packed as `[N, K / block, bytes]`, one scale a block; the logical weight is `[N, K]`. */
export function packedBlocks(
  node: Node,
  codes: LogicalWeight,
  scale: Weight | null,
  zeroPoint: Weight | null,
): LogicalWeight {
  const shape = [int(node, 'N', 0), int(node, 'K', 0)];
  return {
    ...codes,
    shape,
    seenShape: shape,
    axes: [0, 1],
    dtype: scale?.dtype ?? 'float32',
    encoding: {
      kind: 'affine',
      bits: int(node, 'bits', 4),
      signed: false,
      axis: 1,
      block: int(node, 'block_size', 32),
    },
    scale,
    zeroPoint,
  };
}

function int(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' && attribute.value >= 0 ? attribute.value : fallback;
}
