import type { Term } from '../../graph/term';
import type { TransformScope } from '../../transform';
import type { WeightBits } from '../grid';

/** One weight that is quantized while it learns. */
export interface WeightCall {
  readonly scope: TransformScope;
  /** The initializer's name: variables that a method brings begin with it. */
  readonly name: string;
  readonly weight: Term;
  /** What training begins with. */
  readonly start: Float32Array;
  readonly bits: WeightBits;
  /** The axis along which scales differ; null: one scale. */
  readonly axis: number | null;
}

/** One activation that is quantized. */
export interface ActivationCall {
  readonly scope: TransformScope;
  readonly name: string;
  readonly value: Term;
  readonly bits: number;
  /** The range that calibration found. */
  readonly range: { readonly min: number; readonly max: number };
}

/** How a quantized activation is stored once training is over: `real = (code - zeroPoint) * scale`, codes from 0. */
export interface ActivationStep {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** A way to find steps and to pass gradients through rounding. A new one is one file and one line in the table. */
export interface AwareMethod {
  /** What the layer computes with instead of its weight. */
  weight(call: WeightCall): Term;
  activation(call: ActivationCall): Term;
  /** What the trained variables say of an activation. */
  activationStep(
    call: Omit<ActivationCall, 'scope' | 'value'>,
    values: ReadonlyMap<string, Float32Array>,
  ): ActivationStep;
  /**
   * `affine`: every quantized weight is an integer of the grid times its channel's scale, so that it is stored as
   * codes. `palette`: it has at most 2^bits values a tensor.
   */
  readonly stored: 'affine' | 'palette';
}
