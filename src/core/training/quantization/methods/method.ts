import type { Term } from '../../graph/term';
import type { NamedValues, TransformScope } from '../../transform';
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
  /** The last code stands for no more than this; left out: steps are free. */
  readonly most?: number;
}

/** What a layer computes with instead of its weight, and the step between its values. */
export interface QuantizedWeight {
  readonly value: Term;
  /** One, or one a channel in a shape that broadcasts: values are its multiples. */
  readonly step: Term;
}

/** What layers read instead of a value: `(code - zeroPoint) * step`, codes from 0 on. */
export interface QuantizedActivation {
  readonly value: Term;
  /** One number. */
  readonly step: Term;
  readonly zeroPoint: number;
}

/** A weight that goes on with `bits`. */
export interface WeightChange extends Pick<WeightCall, 'name' | 'bits' | 'axis'> {
  readonly shape: readonly number[];
  /** As it is now. */
  readonly values: Float32Array;
}

/** An activation that goes on with other bits. */
export interface ActivationChange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** All variables. */
  readonly values: NamedValues;
}

/** A way to find steps and to pass gradients through rounding. A new one is one file and one line in the table. */
export interface AwareMethod {
  /** Whether each channel may have a step of its own. */
  readonly channels: boolean;
  weight(call: WeightCall): QuantizedWeight;
  activation(call: ActivationCall): QuantizedActivation;
  /** Variables of a weight that goes on with other bits; left out: the method has none that depend on them. */
  weightAt?(call: WeightChange): NamedValues;
  /** The same of an activation. */
  activationAt?(call: ActivationChange): NamedValues;
}
