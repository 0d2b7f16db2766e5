import type { GraphIndex } from '../../../analysis/graph-order';
import type { Node, Weight } from '../../../model/model';
import type { FreshNames } from '../../graph/fresh-names';
import { newNode } from '../../graph/new-nodes';
import { float32Weight, newWeight } from '../../graph/new-weights';
import type { EncodedTensor } from '../../encodings/encoded-tensor';
import type { EncodedBias, EncodedLayers, EncodedWeight } from './encoded-layers';
import { ruleOf } from './operators';

/** Input of a layer that holds its weight, and its bias. */
const WEIGHT = 1;
const BIAS = 2;

/**
 * Begins the names of codes and scales: a small network's file is mostly names. The value that is unpacked from them has
 * the weight's own, by which it is known (`weight-forms`).
 */
const PART = '_';

/** ONNX's number for the type. */
const INT8 = 3;

/**
 * `DequantizeLinear` nodes for the codes of weights and biases, in front of the first layer that reads them. A weight
 * that only these layers read is made under its own name; another stays float for its other readers.
 */
export class WeightUnpacking {
  private readonly nodes = new Map<Node, Node[]>();
  private readonly inputs = new Map<Node, Map<number, string>>();
  /** Initializers of numbers that are codes, with how they are to be packed. */
  readonly packedCodes = new Map<string, EncodedTensor>();
  /** Zeros for operators that want a zero point, by length: they differ in nothing else. */
  private readonly zeros = new Map<number, string>();

  constructor(
    private readonly index: GraphIndex,
    encoded: EncodedLayers,
    private readonly names: FreshNames,
    private readonly weights: Map<string, Weight>,
  ) {
    for (const weight of encoded.weights) this.addWeight(weight);
    for (const [node, bias] of encoded.biases) this.addBias(node, bias);
  }

  /** The nodes to put before `node`. */
  before(node: Node): readonly Node[] {
    return this.nodes.get(node) ?? [];
  }

  /** What a layer reads instead of its input; null where it reads the same. */
  inputOf(node: Node, at: number): string | null {
    return this.inputs.get(node)?.get(at) ?? null;
  }

  private addWeight(encoded: EncodedWeight): void {
    const { weight, axis, scales, layers } = encoded;
    const output = this.outputName(weight.name, layers);
    const scale = float32Weight(this.names.numbered(PART), axis === null ? [] : [scales.length], scales);
    this.store(scale);
    const inputs = [this.codesOf(encoded), scale.name];
    if (layers.some((node) => statesZeroPoint(node))) inputs.push(this.zerosOf(axis === null ? null : scales.length));
    this.unpack(layers, WEIGHT, inputs, output, axis);
  }

  /** Int8 codes: an initializer, or numbers that the format packs and a cast. */
  private codesOf({ weight, codes, packed, layers }: EncodedWeight): string {
    const name = this.names.numbered(PART);
    if (packed === null) {
      this.store(newWeight(name, 'int8', weight.shape, codes));
      return name;
    }
    this.store(float32Weight(name, weight.shape, Float32Array.from(codes)));
    this.packedCodes.set(name, packed);
    const cast = this.names.numbered(PART);
    this.put(layers, newNode('Cast', [name], [cast], { to: { kind: 'int', value: INT8 } }));
    return cast;
  }

  private addBias(node: Node, { bias, scales, codes }: EncodedBias): void {
    const output = this.outputName(bias.name, [node]);
    const perChannel = scales.length > 1;
    const stored = newWeight(this.names.numbered(PART), 'int32', [codes.length], codes);
    const scale = float32Weight(this.names.numbered(PART), perChannel ? [scales.length] : [], scales);
    this.store(stored, scale);
    this.unpack([node], BIAS, [stored.name, scale.name], output, perChannel ? 0 : null);
  }

  private unpack(layers: readonly Node[], at: number, inputs: string[], output: string, axis: number | null): void {
    const unpacking = newNode(
      'DequantizeLinear',
      inputs,
      [output],
      // 1 is the default.
      axis === null || axis === 1 ? {} : { axis: { kind: 'int', value: axis } },
    );
    this.put(layers, unpacking);
    for (const layer of layers) {
      const inputsOfLayer = this.inputs.get(layer) ?? new Map<number, string>();
      this.inputs.set(layer, inputsOfLayer.set(at, output));
    }
  }

  /** Before the first of the layers. */
  private put(layers: readonly Node[], node: Node): void {
    const first = this.index.graph.nodes.find((each) => layers.includes(each));
    if (first !== undefined) this.nodes.set(first, [...(this.nodes.get(first) ?? []), node]);
  }

  /** The tensor's own name when nobody else reads it; its float values then go. */
  private outputName(name: string, layers: readonly Node[]): string {
    const readers = this.index.consumers.get(name) ?? [];
    const alone = readers.every((node) => layers.includes(node)) && !this.index.outputNames.has(name);
    const once = layers.every((node) => node.inputs.filter((input) => input === name).length === 1);
    if (!alone || !once || !this.weights.has(name)) return this.names.numbered('w');
    this.weights.delete(name);
    return name;
  }

  /** A scalar's zero point is a scalar. */
  private zerosOf(length: number | null): string {
    const key = length ?? 0;
    const known = this.zeros.get(key);
    if (known !== undefined) return known;
    const zeros = newWeight(
      this.names.numbered('z'),
      'int8',
      length === null ? [] : [length],
      new Int8Array(length ?? 1),
    );
    this.store(zeros);
    this.zeros.set(key, zeros.name);
    return zeros.name;
  }

  private store(...weights: readonly Weight[]): void {
    for (const weight of weights) this.weights.set(weight.name, weight);
  }
}

function statesZeroPoint(node: Node): boolean {
  const rule = ruleOf(node);
  return rule?.role === 'weighted' && rule.statesZeroPoint;
}
