import type { DType } from '../../model/dtype';
import type { ByteStream } from '../../model/model';
import type { StepCounts } from './step-counts';

/**
 * A weight as a pass decided it: the numbers, and nothing about a file. Codes are row-major in the logical shape,
 * packed little-endian, low bits first.
 */
export type EncodedTensor = DenseTensor | AffineTensor | PaletteTensor | SparseTensor;

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

/** `real = table[group * 2^bits + code]`. */
export interface PaletteTensor {
  readonly kind: 'palette';
  readonly shape: readonly number[];
  /** 1 to 8. */
  readonly bits: number;
  /** The axis that groups lie along; null where there is one table. */
  readonly axis: number | null;
  /** Equal parts of the axis, each with a table of its own. */
  readonly groups: number;
  /** [groups, 2^bits], row-major, ascending in each row, filled up with its last entry. Known once the weight was read. */
  table(signal?: AbortSignal): Promise<Float32Array>;
  readonly codes: ByteStream;
}

/** The values that are not zero, in row-major order, and where they are. */
export interface SparseTensor {
  readonly kind: 'sparse';
  readonly shape: readonly number[];
  readonly nonZeros: number;
  /** One bit an element, row-major, low bits first; a format may keep positions in another form. */
  readonly mask: ByteStream;
  /** How many entries positions take as steps (`step-counts.ts`); where absent, they are kept as the mask. */
  readonly stepCounts?: StepCounts;
  /** Shape `[nonZeros]`: dense, affine with one scale or in blocks, or a palette with one table. */
  readonly values: DenseTensor | AffineTensor | PaletteTensor;
}
