import type { Node } from '../../model/model';
import type { Range } from '../../compression/calibration/range';
import type { Term } from '../graph/term';
import type { TrainingTransform, TransformScope } from '../transform';
import type { WeightBits } from './grid';
import type { AwareMethod } from './methods/method';

/** Which weights and activations are quantized while a network learns, and how. */
export interface AwarePlan {
  readonly method: AwareMethod;
  /** By initializer. */
  readonly weights: ReadonlyMap<string, AwareWeight>;
  /** By value of the model. Values that carry another's elements have the other's step: `source`. */
  readonly activations: ReadonlyMap<string, AwareActivation>;
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
}

/**
 * Puts fake quantization between values and the nodes that read them. Each value and each weight is quantized once,
 * whoever reads it.
 */
export function awareTransform(plan: AwarePlan): TrainingTransform {
  const scopes = new WeakMap<TransformScope, QuantizedTerms>();
  return {
    name: 'quantization-aware training',
    operands(node, inputs, scope) {
      const terms = scopes.get(scope) ?? new QuantizedTerms(plan, scope);
      scopes.set(scope, terms);
      return node.inputs.map((name, index) => {
        const input = inputs[index];
        if (!input) return null;
        if (plan.weights.has(name)) return terms.weight(name, input);
        return plan.readsCodes(node, index, name) ? terms.activation(name, input) : input;
      });
    },
  };
}

/** What was quantized in one graph already. */
class QuantizedTerms {
  private readonly known = new Map<string, Term>();

  constructor(
    private readonly plan: AwarePlan,
    private readonly scope: TransformScope,
  ) {}

  weight(name: string, weight: Term): Term {
    const found = this.known.get(name);
    const settings = this.plan.weights.get(name);
    if (found || !settings) return found ?? weight;
    const { value } = this.plan.method.weight({ ...settings, scope: this.scope, name, weight });
    this.known.set(name, value);
    return value;
  }

  activation(name: string, value: Term): Term {
    const found = this.known.get(name);
    const settings = this.plan.activations.get(name);
    if (found || !settings) return found ?? value;
    const { source, bits, range } = settings;
    const quantized = this.plan.method.activation({ scope: this.scope, name: source, value, bits, range });
    this.known.set(name, quantized.value);
    return quantized.value;
  }
}
