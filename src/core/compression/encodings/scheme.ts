import type { AffineScales } from './encoded-tensor';
import type { CodeBits } from './packing';

/** How one weight is to be encoded: a pass decides it, `encodeWeight` carries it out. */
export type WeightScheme = DenseScheme | AffineScheme | PaletteScheme;

interface AnyScheme {
  /** Share of the smallest magnitudes that become zero and are left out, 0 to 1; 0 where absent. */
  readonly sparsity?: number;
}

export interface DenseScheme extends AnyScheme {
  readonly kind: 'dense';
  readonly dtype: 'float32' | 'float16' | 'bfloat16';
}

export interface AffineScheme extends AnyScheme {
  readonly kind: 'affine';
  readonly bits: CodeBits;
  /** The axis along which scales differ; null: one scale. With `block`: the axis that blocks lie along. */
  readonly axis: number | null;
  /** Elements along `axis` that share a scale; null: one scale a channel. */
  readonly block: number | null;
  readonly symmetric: boolean;
  /** How scales are chosen from the values. */
  readonly scales: ScaleChoice;
  /** Scales that a repair pass chose; they take precedence. */
  readonly given?: AffineScales;
  /** For integer kernels, where few codes occur: bits of a table of them, as which they are packed. */
  readonly tableBits?: number;
}

/** `minmax`: the whole range; `mse`: the least squared error; `percentile`: the outermost values are cut. */
export type ScaleChoice = 'minmax' | 'mse' | 'percentile';

export interface PaletteScheme extends AnyScheme {
  readonly kind: 'palette';
  /** 1 to 8. */
  readonly bits: number;
  readonly axis: number | null;
  readonly groups: number;
  /** `kmeans`: the least squared error; `uniform`: equal steps over the range; `unique`: the values that occur. */
  readonly method: 'kmeans' | 'uniform' | 'unique';
}

/** Schemes by the name under which the model's graph holds the weight. Weights that it does not name stay. */
export type WeightPlan = ReadonlyMap<string, WeightScheme>;
