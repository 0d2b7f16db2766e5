import { subgraphsOf, type GraphIndex } from '../../../analysis/graph-order';
import type { Graph, Node, Weight } from '../../../model/model';
import { FreshNames } from '../../graph/fresh-names';
import { newNode } from '../../graph/new-nodes';
import { float32Weight, newWeight } from '../../graph/new-weights';
import { tidy } from '../../graph/tidy';
import type { ActivationParameters, ActivationType } from './activation-parameters';
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
): Graph {
  return new QdqWriter(index, plan, parameters, encoded, form).graph();
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
  private readonly scales = new Map<string, string>();
  private readonly unpacking: WeightUnpacking;
  /** For each removed clamp's output, the value that the layer before made. */
  private readonly unclamped = new Map<string, string>();

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
    for (const clamp of plan.removedClamps) this.unclamped.set(clamp.inputs[0] ?? '', clamp.outputs[0] ?? '');
    for (const value of plan.values.keys()) this.stages.set(value, this.stagesOf(value));
  }

  graph(): Graph {
    const { graph } = this.index;
    const produced = new Set(graph.nodes.flatMap((node) => node.outputs));
    const nodes: Node[] = [];
    for (const value of this.plan.values.keys()) if (!produced.has(value)) nodes.push(...this.conversion(value));
    for (const node of graph.nodes) {
      if (this.plan.removedClamps.has(node)) continue;
      nodes.push(...this.unpacking.before(node), this.rewired(node));
      for (const output of node.outputs) {
        const value = this.unclamped.get(output) ?? output;
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
      const value = this.unclamped.get(name) ?? name;
      return this.plan.madeAs8Bit.has(value) ? (this.stages.get(value)?.raw ?? value) : name;
    });
    return { ...node, inputs, outputs };
  }

  /** Everyone reads the codes of a value that exists as codes; of others, only 8-bit nodes do. */
  private readsCodes(node: Node, at: number, value: string): boolean {
    if (this.plan.madeAs8Bit.has(value)) return true;
    if (this.plan.layers.has(node)) return at === 0;
    return this.plan.carried.has(node) && ruleOf(node)?.role === 'arithmetic';
  }

  private conversion(value: string): Node[] {
    const stages = this.stages.get(value);
    const source = this.plan.values.get(value);
    if (stages === undefined || source === undefined) return [];
    const { zeroPoint } = this.parameters(source);
    const how = [this.scaleOf(source), this.zeroPoint(zeroPoint)];
    return [
      this.conversionNode('QuantizeLinear', [stages.raw, ...how], stages.codes),
      this.conversionNode('DequantizeLinear', [stages.codes, ...how], stages.real),
    ];
  }

  private conversionNode(opType: string, inputs: readonly string[], output: string): Node {
    return { ...newNode(opType, inputs, [output]), domain: this.form.domain };
  }

  private scaleOf(source: string): string {
    const known = this.scales.get(source);
    if (known !== undefined) return known;
    const name = this.names.numbered('s');
    this.weights.set(name, float32Weight(name, [], Float32Array.of(this.parameters(source).scale)));
    this.scales.set(source, name);
    return name;
  }

  /** One initializer for each zero point that comes up: most are 0. */
  private zeroPoint(zeroPoint: number): string {
    const key = `zero point ${zeroPoint}`;
    const known = this.scales.get(key);
    if (known !== undefined) return known;
    const name = this.names.numbered('z');
    this.weights.set(name, zeroPointWeight(name, this.form.type, zeroPoint));
    this.scales.set(key, name);
    return name;
  }
}

function zeroPointWeight(name: string, type: ActivationType, zeroPoint: number): Weight {
  return newWeight(name, type, [], type === 'uint8' ? Uint8Array.of(zeroPoint) : Uint16Array.of(zeroPoint));
}
