import type { Node } from '../../model/model';
import { elementsOf } from '../../model/model';
import { abs, div, max, mul } from '../graph/arithmetic';
import { reshape } from '../graph/shaping';
import type { Term } from '../graph/term';
import { isFoldingProduct } from '../folded-normalization';
import type { TransformScope } from '../transform';
import type { AwarePlan } from './aware-transform';
import { spreadOf, type WeightBits } from './grid';
import type { QuantizedWeight } from './methods/method';
import { foldedWeight, roundThrough } from './straight-through';

/** What a layer computes with instead of its weight: codes times a step. */
export interface CodedWeight {
  /** The initializer. */
  readonly of: string;
  /** One, or one a channel; of another sign where a normalization has turned the channel. */
  readonly step: Term;
  readonly bits: WeightBits;
}

/** Inputs of a layer. */
const WEIGHT = 1;
const BIAS = 2;

/** Keeps biases from being divided by nothing, and ratios from being infinite. */
const SMALLEST_GRID = 1e-30;

/** What was quantized in one graph already: each value and each weight is quantized once, whoever reads it. */
export class QuantizedTerms {
  /** By initializer. */
  readonly weights = new Map<string, QuantizedWeight>();
  private readonly activations = new Map<string, Term>();
  private readonly activationSteps = new Map<string, Term>();
  /** By the value that layers read as their weight. */
  readonly coded = new Map<string, CodedWeight>();

  constructor(
    private readonly plan: AwarePlan,
    private readonly scope: TransformScope,
  ) {}

  operands(node: Node, inputs: readonly (Term | null)[]): readonly (Term | null)[] {
    if (isFoldingProduct(node)) return inputs;
    return node.inputs.map((name, index) => {
      const input = inputs[index];
      if (!input) return null;
      if (this.plan.weights.has(name)) return this.weight(name, input)?.value ?? input;
      if (index === BIAS && this.plan.layers.has(node.outputs[0] ?? '')) return this.bias(node, input);
      return this.plan.readsCodes(node, index, name) ? this.activation(name, input) : input;
    });
  }

  /** A weight that takes a normalization in: its codes stay, their step is what is multiplied. */
  folded(node: Node, [weight, factor]: readonly (Term | null)[]): readonly Term[] | null {
    const [name = ''] = node.inputs;
    if (!isFoldingProduct(node) || !weight || !factor) return null;
    const quantized = this.weight(name, weight);
    const bits = this.plan.weights.get(name)?.bits;
    if (!quantized || bits === undefined) return null;
    const { value, step } = foldedWeight(this.scope.build, quantized, factor);
    this.coded.set(node.outputs[0] ?? '', { of: name, step, bits });
    return [value];
  }

  private weight(name: string, weight: Term): QuantizedWeight | null {
    const found = this.weights.get(name);
    const settings = this.plan.weights.get(name);
    if (found || !settings) return found ?? null;
    const quantized = this.plan.method.weight({ ...settings, scope: this.scope, name, weight });
    this.weights.set(name, quantized);
    this.coded.set(name, { of: name, step: quantized.step, bits: settings.bits });
    return quantized;
  }

  private activation(name: string, value: Term): Term {
    const known = this.activations.get(name);
    const found = this.plan.activations.get(name);
    if (known || !found) return known ?? value;
    const { source, ...settings } = found;
    const quantized = this.plan.method.activation({ ...settings, scope: this.scope, name: source, value });
    this.activations.set(name, quantized.value);
    this.activationSteps.set(name, quantized.step);
    return quantized.value;
  }

  /** A bias on the grid to which integer kernels round it: that of the products that it is added to. */
  private bias(node: Node, bias: Term): Term {
    const { build } = this.scope;
    const coded = this.coded.get(node.inputs[WEIGHT] ?? '');
    const read = this.activationSteps.get(node.inputs[0] ?? '');
    const shape = bias.knownShape;
    if (!coded || !read || shape?.length !== 1) return bias;
    const steps = elementsOf(coded.step.shape);
    if (steps !== 1 && steps !== shape[0]) return bias;
    const step = build.unrecorded(() => {
      const fine = mul(build, abs(build, coded.step), 1 / spreadOf(coded.bits, this.plan.widest));
      const products = mul(build, reshape(build, fine, steps === 1 ? [] : [steps]), read);
      return max(build, products, SMALLEST_GRID);
    });
    return mul(build, roundThrough(build, div(build, bias, step)), step);
  }
}
