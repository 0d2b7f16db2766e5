import type { Node, Weight } from '../../../../model/model';
import type { ActivationParameters } from '../activation-parameters';

/** What one operator does with 8-bit values. */
export type OperatorRule = WeightedRule | CarrierRule | ArithmeticRule | ClampRule | RescalingRule;

/** A layer: input 0 is an activation, input 1 a constant weight, input 2 a bias if there is one. */
export interface WeightedRule {
  readonly role: 'weighted';
  /** Null when the layer can be an integer kernel; otherwise what keeps it from that, for "conv1 stay float: …". */
  refusal(node: Node, weight: Weight, bias: Weight | null): string | null;
  /** The axis of the weight along which outputs lie. */
  channelAxis(node: Node, weight: Weight): number;
  /** ONNX Runtime makes an integer kernel of it only when its output is 8-bit too; otherwise the output may be float. */
  readonly outputMustBe8Bit: boolean;
  /** Its weight needs a stated zero point to be fused. */
  readonly statesZeroPoint: boolean;
  /** True where the float kernel is faster than ONNX Runtime's integer one, when what it reads is float anyway. */
  isSlow?(node: Node, weight: Weight): boolean;
}

/** Moves elements: outputs share scale and zero point with input 0, and ONNX Runtime runs it on the codes. */
export interface CarrierRule {
  readonly role: 'carrier';
  accepts(node: Node): boolean;
}

/** Computes on 8-bit inputs to an 8-bit output with a scale of its own. */
export interface ArithmeticRule {
  readonly role: 'arithmetic';
  accepts(node: Node): boolean;
}

/**
 * Cuts values at zero and perhaps at an upper bound. Right after a layer it can go: codes of the layer's output cover
 * only what the clamp lets through, so rounding to them clamps.
 */
export interface ClampRule {
  readonly role: 'clamp';
  /** True when it cuts at 0 from below. `weight` gives constant inputs. */
  cutsAtZero(node: Node, numberOf: (name: string) => number | null): boolean;
}

/**
 * Multiplies, shifts and cuts: rounding its input to codes that cover what it lets through, and reading those codes
 * with another scale and zero point, is all of it. Right after a layer it goes; elsewhere it is one look-up a code.
 */
export interface RescalingRule {
  readonly role: 'rescaling';
  /** How its input is written as codes, and how these are read as its output. Null where that is not all it does. */
  codes(node: Node, highestCode: number): RescaledCodes | null;
}

export interface RescaledCodes {
  readonly written: ActivationParameters;
  readonly read: ActivationParameters;
}
