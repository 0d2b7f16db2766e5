import type { Model, Node } from '../../model/model';
import type { Range } from '../../compression/calibration/range';
import { withFoldedNormalization } from '../folded-normalization';
import { firstStepOf } from '../training-stages';
import type { TrainingTransform, TransformScope } from '../transform';
import type { WeightBits } from './grid';
import type { AwareMethod } from './methods/method';
import { stepsAt, type EarlierPlan } from './progressive';
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
  readonly shape: readonly number[];
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
 * are added to. Where the plan begins with more bits, it is reached once all have their last ones.
 */
export function awareTransform(plan: AwarePlan, earlier: readonly EarlierPlan[] = []): TrainingTransform {
  const last = earlier.at(-1);
  const fake = (own: AwarePlan, before: AwarePlan | undefined): TrainingTransform => ({
    ...fakeQuantization(own),
    enter: (values) => (before ? stepsAt(before, own, values) : new Map()),
  });
  if (!last) return fake(plan, undefined);
  return {
    ...fake(plan, last.plan),
    before: earlier.map(({ until, plan: own }, index) => ({ until, transform: fake(own, earlier[index - 1]?.plan) })),
    isReached: ({ step, total }) => step > firstStepOf({ begin: last.until }, total),
  };
}

function fakeQuantization(plan: AwarePlan): TrainingTransform {
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
