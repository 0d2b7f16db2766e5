import type { GraphIndex } from '../../../analysis/graph-order';
import type { Node } from '../../../model/model';
import type { LayerChoice, LayerChoices } from './layers';
import { ruleOf } from './operators';
import type { RescaledCodes } from './operators/rule';

/** What becomes 8-bit, before any range is known. */
export interface QuantizationPlan {
  readonly layers: ReadonlyMap<Node, LayerChoice>;
  /**
   * Every value that is stored as uint8, with the value whose range gives its scale: itself, or the one whose elements
   * it carries.
   */
  readonly values: ReadonlyMap<string, string>;
  /** Values of `values` that an 8-bit node makes: they exist as codes only, and everyone reads the codes. */
  readonly madeAs8Bit: ReadonlySet<string>;
  /** Clamps and rescaling nodes that go, since rounding to the codes of their output does their work. */
  readonly absorbed: ReadonlySet<Node>;
  /** Values whose codes are written with one scale and zero point and read with others; no range decides them. */
  readonly rescaled: ReadonlyMap<string, RescaledCodes>;
  /** Other nodes that work on 8 bits. */
  readonly carried: ReadonlySet<Node>;
}

/**
 * Decides which values are 8-bit. Layers quantize what they read. What lies between layers (residual additions, pools,
 * reshapes) is 8-bit when all it reads is, and a layer follows: then ONNX Runtime stays in integer kernels from layer
 * to layer. Everything else stays float.
 * @param numberOf the number that a constant input holds; null when it is not one constant number.
 * @param rescaling false: values whose codes are written with one scale and read with another stay float.
 */
export function planQuantization(
  index: GraphIndex,
  choices: LayerChoices,
  numberOf: (name: string) => number | null,
  highestCode: number,
  rescaling = true,
): QuantizationPlan {
  return new Planner(index, choices, numberOf, highestCode, rescaling).plan();
}

class Planner {
  private readonly entries: ReadonlySet<string>;
  private readonly values = new Map<string, string>();
  private readonly made = new Set<string>();
  private readonly absorbed = new Set<Node>();
  private readonly rescaled = new Map<string, RescaledCodes>();
  private readonly carried = new Set<Node>();
  private readonly wanted = new Map<string, boolean>();

  constructor(
    private readonly index: GraphIndex,
    private readonly choices: LayerChoices,
    private readonly numberOf: (name: string) => number | null,
    private readonly highestCode: number,
    private readonly rescaling: boolean,
  ) {
    this.entries = new Set([...choices.layers.keys()].map((node) => node.inputs[0] ?? ''));
  }

  plan(): QuantizationPlan {
    this.findWanted();
    for (const node of this.index.order) this.visit(node);
    for (const entry of this.entries) if (!this.values.has(entry)) this.values.set(entry, entry);
    return {
      layers: this.choices.layers,
      values: this.values,
      madeAs8Bit: this.made,
      absorbed: this.absorbed,
      rescaled: this.rescaled,
      carried: this.carried,
    };
  }

  /** A value is wanted as 8 bits when a layer reads it, directly or through nodes that could work on 8 bits. */
  private findWanted(): void {
    for (const node of [...this.index.order].reverse()) {
      if (!this.passesOn(node) || !node.outputs.some((name) => this.isWanted(name))) continue;
      for (const input of node.inputs) this.wanted.set(input, true);
    }
  }

  private isWanted(value: string): boolean {
    return this.entries.has(value) || this.wanted.get(value) === true;
  }

  private passesOn(node: Node): boolean {
    const rule = ruleOf(node);
    if (rule === null || rule.role === 'weighted' || this.choices.kept.has(node)) return false;
    if (rule.role === 'clamp') return true;
    if (rule.role === 'rescaling') return this.rescaling && rule.codes(node, this.highestCode) !== null;
    return rule.accepts(node) && (rule.role === 'carrier' || this.readsNoWeights(node));
  }

  private readsNoWeights(node: Node): boolean {
    return node.inputs.every((name) => name !== '' && !this.index.graph.weights.has(name));
  }

  private visit(node: Node): void {
    const choice = this.choices.layers.get(node);
    const [output = ''] = node.outputs;
    if (choice !== undefined) {
      if (choice.rule.outputMustBe8Bit || this.isWanted(output)) this.make(output, output);
      return;
    }
    const rule = ruleOf(node);
    if (rule === null || rule.role === 'weighted' || !this.passesOn(node)) return;
    if (rule.role === 'clamp') this.visitClamp(node, rule.cutsAtZero(node, this.numberOf));
    else if (!this.isWanted(output)) return;
    else if (rule.role === 'carrier') this.visitCarrier(node);
    else if (rule.role === 'rescaling') this.visitRescaling(node, rule.codes(node, this.highestCode));
    else if (node.inputs.every((name) => this.is8Bit(name))) {
      this.carried.add(node);
      this.make(output, output);
    }
  }

  private visitCarrier(node: Node): void {
    const source = this.values.get(node.inputs[0] ?? '');
    if (source === undefined) return;
    this.carried.add(node);
    for (const output of node.outputs) if (output !== '') this.make(output, source);
  }

  private visitClamp(node: Node, cutsAtZero: boolean): void {
    const [input = ''] = node.inputs;
    const [output = ''] = node.outputs;
    if (!this.made.has(input)) return;
    if (cutsAtZero && this.isOwn(input, node)) this.absorb(node);
    else if (this.isWanted(output)) this.carried.add(node);
    else return;
    this.make(output, output);
  }

  private visitRescaling(node: Node, codes: RescaledCodes | null): void {
    const [input = ''] = node.inputs;
    const [output = ''] = node.outputs;
    if (codes === null || !this.is8Bit(input)) return;
    if (this.isOwn(input, node)) this.absorb(node);
    else this.carried.add(node);
    this.rescaled.set(output, codes);
    this.make(output, output);
  }

  /** True for a value with a scale of its own that an 8-bit node makes for this reader only. */
  private isOwn(value: string, reader: Node): boolean {
    return this.made.has(value) && this.values.get(value) === value && this.isReadOnlyBy(value, reader);
  }

  /** The node before makes the output of this one, and its own output is no value any more. */
  private absorb(node: Node): void {
    const [input = ''] = node.inputs;
    this.absorbed.add(node);
    this.values.delete(input);
    this.made.delete(input);
    this.rescaled.delete(input);
  }

  private isReadOnlyBy(value: string, node: Node): boolean {
    const readers = this.index.consumers.get(value) ?? [];
    return readers.length === 1 && readers[0] === node && !this.index.outputNames.has(value);
  }

  private is8Bit(value: string): boolean {
    return this.values.has(value) || this.entries.has(value);
  }

  private make(value: string, source: string): void {
    this.values.set(value, source);
    this.made.add(value);
  }
}
