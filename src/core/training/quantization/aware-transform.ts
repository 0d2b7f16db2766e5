import type { Model, Node } from '../../model/model';
import type { Range } from '../../compression/calibration/range';
import { withFoldedNormalization } from '../folded-normalization';
import type { TrainingTransform, TransformScope } from '../transform';
import type { WeightBits } from './grid';
import type { AwareMethod } from './methods/method';
import { QuantizedTerms } from './quantized-terms';

/** Which weights and activations are quantized while a network learns, and how. */
export interface AwarePlan {
  readonly method: AwareMethod;
  /** By initializer. */
  readonly weights: ReadonlyMap<string, AwareWeight>;
  /** By value of the model. Values that carry another's elements have the other's step: `source`. */
  readonly activations: ReadonlyMap<string, AwareActivation>;
  /** Outputs of the layers that become integer kernels, with normalization folded in: their biases are rounded, too. */
  readonly layers: ReadonlySet<string>;
  /** Bits of the widest weights that are multiplied exactly. */
  readonly widest: number;
  /** Whether a node reads the codes of a value, or the value as it was. */
  readsCodes(node: Node, input: number, value: string): boolean;
}

export interface AwareWeight {
  readonly bits: WeightBits;
  readonly axis: number | null;
  readonly start: Float32Array;
}

export interface AwareActivation {
  readonly bits: number;
  readonly source: string;
  readonly range: Range;
  /** Nothing larger is stored, however steps learn. */
  readonly most?: number;
}

/** With integer activations, normalization is folded into the layers that they run through. */
export const awareForm = (model: Model, { activations }: AwarePlan): Model =>
  activations.size === 0 ? model : withFoldedNormalization(model);

/**
 * Puts fake quantization between values and the nodes that read them, and biases on the grids of the products that they
 * are added to.
 */
export function awareTransform(plan: AwarePlan): TrainingTransform {
  const scopes = new WeakMap<TransformScope, QuantizedTerms>();
  const termsIn = (scope: TransformScope): QuantizedTerms => {
    const terms = scopes.get(scope) ?? new QuantizedTerms(plan, scope);
    scopes.set(scope, terms);
    return terms;
  };
  return {
    name: 'quantization-aware training',
    form: (model) => awareForm(model, plan),
    operands: (node, inputs, scope) => termsIn(scope).operands(node, inputs),
    instead: (node, inputs, scope) => termsIn(scope).folded(node, inputs),
  };
}
