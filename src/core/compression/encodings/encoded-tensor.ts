import type { DType } from '../../model/dtype';
import type { ByteStream } from '../../model/model';

/**
 * A weight as a pass decided it: the numbers, and nothing about a file. Codes are row-major in the logical shape,
 * packed little-endian, low bits first. Palette and sparse join this union with the clustering and pruning passes.
 */
export type EncodedTensor = DenseTensor | AffineTensor;

export interface DenseTensor {
  readonly kind: 'dense';
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: ByteStream;
}

/** `real = (code - zeroPoint) * scale`. */
export interface AffineTensor {
  readonly kind: 'affine';
  readonly shape: readonly number[];
  readonly bits: number;
  readonly signed: boolean;
  /** The axis along which scales differ; null: one scale. */
  readonly axis: number | null;
  /** Elements along `axis` that share a scale; null: one a channel. */
  readonly block: number | null;
  readonly symmetric: boolean;
  /** One for the tensor, one a channel, or one a block, row-major in the shape of the blocks. Known once the weight was read. */
  scales(signal?: AbortSignal): Promise<AffineScales>;
  readonly codes: ByteStream;
}

export interface AffineScales {
  readonly scale: Float32Array;
  /** Null when all are zero. */
  readonly zeroPoint: Int32Array | null;
}
