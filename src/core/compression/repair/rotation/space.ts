import type { Node, Weight } from '../../../model/model';
import { intAttribute } from '../../graph/attributes';
import type { MatrixLayer } from '../matrix-layers';

/** Where a weight has channels of a space: they are multiplied by its rotation. */
export interface WeightSide {
  readonly weight: Weight;
  /** Whether it makes the channels, or makes something of them. */
  readonly role: 'writes' | 'reads';
  readonly axis: number;
  /** First channels of the blocks that are rotated, each of the space's size. */
  readonly starts: readonly number[];
}

/** A normalization inside of a space, whose scale and bias have to go into the layers that read it. */
export interface SpaceNormalization {
  readonly node: Node;
  readonly scale: Weight;
  readonly bias: Weight | null;
  readonly readers: readonly MatrixLayer[];
}

/**
 * Channels between layers whose basis is free: layers write them, layers read them, and nothing between them minds if
 * all are multiplied by one orthogonal matrix.
 */
export interface Space {
  readonly size: number;
  /** True where a mean over the channels is taken, which must stay the mean. */
  readonly keepsMean: boolean;
  readonly sides: readonly WeightSide[];
  readonly normalizations: readonly SpaceNormalization[];
}

/** A space, or in words why one that was begun is none. */
export type FoundSpace = { readonly space: Space } | { readonly reason: string };

/** The axis of a layer's weight along which its outputs lie. */
export function rowsAxis({ node }: MatrixLayer): 0 | 1 {
  return node.opType === 'Conv' || intAttribute(node, 'transB', 0) !== 0 ? 0 : 1;
}

/** The axis of a layer's weight along which its input's channels lie. */
export function columnsAxis(layer: MatrixLayer): 0 | 1 {
  return rowsAxis(layer) === 0 ? 1 : 0;
}

/** The side of a layer's bias, for these blocks of its outputs; null where it has none. */
export function biasSide({ bias, matrix }: MatrixLayer, starts: readonly number[]): WeightSide | null {
  if (bias === null) return null;
  return { weight: bias, role: 'writes', axis: bias.shape.indexOf(matrix.groups * matrix.rows), starts };
}
