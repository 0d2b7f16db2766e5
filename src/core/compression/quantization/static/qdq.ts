import { subgraphsOf, type GraphIndex } from '../../../analysis/graph-order';
import type { Graph, Node, Weight } from '../../../model/model';
import type { EncodedTensor } from '../../encodings/encoded-tensor';
import { FreshNames } from '../../graph/fresh-names';
import { newNode } from '../../graph/new-nodes';
import { float32Weight, newWeight } from '../../graph/new-weights';
import { tidy } from '../../graph/tidy';
import { HIGHEST_CODE, type ActivationParameters, type ActivationType } from './activation-parameters';
import type { EncodedLayers } from './encoded-layers';
import { ruleOf } from './operators';
import type { QuantizationPlan } from './plan';
import { WeightUnpacking } from './weight-unpacking';

/**
 * The graph in ONNX's QDQ form: every 8-bit value goes through `QuantizeLinear` and `DequantizeLinear`, weights and
 * biases come from codes through `DequantizeLinear`. A runtime fuses what lies between into integer kernels; one that
 * does not computes the same in float. Inputs and outputs of the graph stay float.
 * @param parameters how the value is stored that gives a plan's value its scale.
 */
export function insertQdq(
  index: GraphIndex,
  plan: QuantizationPlan,
  parameters: (source: string) => ActivationParameters,
  encoded: EncodedLayers,
  form: ActivationForm = PLAIN_FORM,
): QdqGraph {
  const writer = new QdqWriter(index, plan, parameters, encoded, form);
  return { graph: writer.graph(), packed: writer.packedCodes };
}

export interface QdqGraph {
  readonly graph: Graph;
  /** Float32 initializers whose numbers are codes of weights, with how the format is to pack them. */
  readonly packed: ReadonlyMap<string, EncodedTensor>;
}

/** How activations become codes. */
export interface ActivationForm {
  readonly type: ActivationType;
  /** Of `QuantizeLinear` and `DequantizeLinear` around activations. */
  readonly domain: string;
}

export const PLAIN_FORM: ActivationForm = { type: 'uint8', domain: '' };

/** The values that stand for one 8-bit value. */
interface Stages {
  /** As its producer makes it. */
  readonly raw: string;
  readonly codes: string;
  /** As readers get it back. */
  readonly real: string;
}

class QdqWriter {
  private readonly names: FreshNames;
  private readonly weights: Map<string, Weight>;
  private readonly stages = new Map<string, Stages>();
  private readonly parameterNames = new Map<string, string>();
  private readonly unpacking: WeightUnpacking;
  /** By the value that a layer made: what it makes now, in place of the node that it absorbs. */
  private readonly absorbing = new Map<string, string>();

  constructor(
    private readonly index: GraphIndex,
    private readonly plan: QuantizationPlan,
    private readonly parameters: (source: string) => ActivationParameters,
    encoded: EncodedLayers,
    private readonly form: ActivationForm,
  ) {
    this.names = new FreshNames(index.graph);
    this.weights = new Map(index.graph.weights);
    this.unpacking = new WeightUnpacking(index, encoded, this.names, this.weights);
    for (const node of plan.absorbed) this.absorbing.set(node.inputs[0] ?? '', node.outputs[0] ?? '');
    for (const value of plan.values.keys()) this.stages.set(value, this.stagesOf(value));
  }

  get packedCodes(): ReadonlyMap<string, EncodedTensor> {
    return this.unpacking.packedCodes;
  }

  graph(): Graph {
    const { graph } = this.index;
    const produced = new Set(graph.nodes.flatMap((node) => node.outputs));
    const nodes: Node[] = [];
    for (const value of this.plan.values.keys()) if (!produced.has(value)) nodes.push(...this.conversion(value));
    for (const node of graph.nodes) {
      if (this.plan.absorbed.has(node)) continue;
      nodes.push(...this.unpacking.before(node), this.rewired(node));
      for (const output of node.outputs) {
        const value = this.absorbing.get(output) ?? output;
        if (this.plan.values.has(value)) nodes.push(...this.conversion(value));
      }
    }
    return tidy({ ...graph, nodes, weights: this.weights });
  }

  /** A value that subgraphs or callers know keeps its name for what readers get. */
  private stagesOf(value: string): Stages {
    const made = this.plan.madeAs8Bit.has(value);
    const known = this.index.outputNames.has(value) || this.isCaptured(value);
    const codes = this.names.numbered('q');
    return made && known
      ? { raw: this.names.numbered('r'), codes, real: value }
      : { raw: value, codes, real: this.names.numbered('d') };
  }

  private isCaptured(value: string): boolean {
    const readers = this.index.consumers.get(value) ?? [];
    return readers.some((node) => !node.inputs.includes(value) || subgraphsOf(node).length > 0);
  }

  private rewired(node: Node): Node {
    const inputs = node.inputs.map((name, at) => {
      const unpacked = this.unpacking.inputOf(node, at);
      if (unpacked !== null) return unpacked;
      const stages = this.stages.get(name);
      return stages !== undefined && this.readsCodes(node, at, name) ? stages.real : name;
    });
    const outputs = node.outputs.map((name) => {
      const value = this.absorbing.get(name) ?? name;
      return this.plan.madeAs8Bit.has(value) ? (this.stages.get(value)?.raw ?? value) : name;
    });
    if (this.plan.carried.has(node) && ruleOf(node)?.role === 'rescaling') return lookUp(inputs, outputs);
    return { ...node, inputs, outputs };
  }

  /** Everyone reads the codes of a value that exists as codes; of others, only 8-bit nodes do. */
  private readsCodes(node: Node, at: number, value: string): boolean {
    if (this.plan.madeAs8Bit.has(value)) return true;
    if (this.plan.layers.has(node)) return at === 0;
    if (!this.plan.carried.has(node)) return false;
    const role = ruleOf(node)?.role;
    return role === 'arithmetic' || role === 'rescaling';
  }

  private conversion(value: string): Node[] {
    const stages = this.stages.get(value);
    const source = this.plan.values.get(value);
    if (stages === undefined || source === undefined) return [];
    const { written, read } = this.plan.rescaled.get(value) ?? {
      written: this.parameters(source),
      read: this.parameters(source),
    };
    // Values that carry another's elements have been cut with it.
    const cut = written.highestCode === undefined || source !== value ? null : this.names.numbered('q');
    return [
      this.conversionNode('QuantizeLinear', [stages.raw, ...this.storedParameters(written)], cut ?? stages.codes),
      ...(cut === null ? [] : [newNode('Clip', [cut, '', this.storedBound(written)], [stages.codes])]),
      this.conversionNode('DequantizeLinear', [stages.codes, ...this.storedParameters(read)], stages.real),
    ];
  }

  /** Between the conversions, on codes: integer kernels on both sides stay. */
  private storedBound({ highestCode = HIGHEST_CODE[this.form.type] }: ActivationParameters): string {
    return this.shared(`bound ${highestCode}`, 'z', (name) => codeWeight(name, this.form.type, highestCode));
  }

  private conversionNode(opType: string, inputs: readonly string[], output: string): Node {
    return { ...newNode(opType, inputs, [output]), domain: this.form.domain };
  }

  /** One initializer for each number that comes up: most zero points are 0. */
  private storedParameters({ scale, zeroPoint }: ActivationParameters): [string, string] {
    return [
      this.shared(`scale ${scale}`, 's', (name) => float32Weight(name, [], Float32Array.of(scale))),
      this.shared(`zero point ${zeroPoint}`, 'z', (name) => codeWeight(name, this.form.type, zeroPoint)),
    ];
  }

  private shared(key: string, prefix: string, make: (name: string) => Weight): string {
    const known = this.parameterNames.get(key);
    if (known !== undefined) return known;
    const name = this.names.numbered(prefix);
    this.weights.set(name, make(name));
    this.parameterNames.set(key, name);
    return name;
  }
}

/**
 * Hands numbers on from one scale to another: ONNX Runtime makes a table of 256 codes of it (`QLinearLeakyRelu`), where
 * two conversions alone would go through float.
 */
function lookUp(inputs: readonly string[], outputs: readonly string[]): Node {
  return newNode('LeakyRelu', inputs, outputs, { alpha: { kind: 'float', value: 1 } });
}

function codeWeight(name: string, type: ActivationType, code: number): Weight {
  return newWeight(name, type, [], type === 'uint8' ? Uint8Array.of(code) : Uint16Array.of(code));
}
