import { indexGraph, subgraphsOf, valuesReadBy } from '../../../analysis/graph-order';
import { inferShapes } from '../../../analysis/shapes';
import { StaticValues } from '../../../analysis/static-values';
import type { DenseTensor } from '../../../compression/encodings/encoded-tensor';
import { withAttributes } from '../../../compression/graph/attributes';
import { FreshNames } from '../../../compression/graph/fresh-names';
import type { DType } from '../../../model/dtype';
import type { Graph, Model, Node, Value, ValueType, Weight } from '../../../model/model';
import { codeOfDtype } from '../data-types';
import { castNode, GENERATED } from './unpacked-weight';

export interface HalfOptions {
  /** What the model takes and gives where it was float32: `float32` puts a `Cast` at each end. */
  readonly ends: 'float32' | 'float16';
}

/**
 * A model that computes in float16, for runtimes on GPUs and other accelerators: twice as fast there, and half the
 * memory. A CPU mostly converts back and forth. What float16 cannot hold (sums over long axes, ranges, quantized
 * operators, loops and branches) stays in float32 between two `Cast`; so does what the runtime computes once.
 * @param halves float16 values of weights by name; float32 weights that are not among them get a `Cast`.
 */
export function computeInHalf(model: Model, halves: ReadonlyMap<string, DenseTensor>, options: HalfOptions): Model {
  const conversion = new Conversion(model, halves, options);
  return { ...model, graph: conversion.graph() };
}

/** Operators that stay in float32: without float16 in the standard, or of too little range or precision in it. */
const FLOAT_OPERATORS: ReadonlySet<string> = new Set([
  ...['Constant', 'ConstantOfShape', 'Range', 'CumSum', 'ReduceSumSquare', 'ReduceL2', 'ReduceLogSumExp'],
  ...['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli', 'EyeLike'],
  ...['NonMaxSuppression', 'TopK', 'RoiAlign', 'MaxRoiPool', 'Upsample', 'MelWeightMatrix', 'DFT', 'STFT'],
  ...['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'QLinearConv', 'QLinearMatMul'],
  ...['ConvInteger', 'MatMulInteger', 'HannWindow', 'HammingWindow', 'BlackmanWindow', 'GridSample'],
]);

/** Inputs that are float32 whatever the operator computes in. */
const FLOAT_INPUTS: ReadonlyMap<string, readonly number[]> = new Map([['Resize', [1, 2]]]);

/** Operators whose further outputs are float32 statistics. */
const FIRST_OUTPUT_ONLY: ReadonlySet<string> = new Set(['LayerNormalization']);

class Conversion {
  private readonly names: FreshNames;
  private readonly types: ReadonlyMap<string, ValueType>;
  private readonly statics: StaticValues;
  private readonly source: Graph;
  private readonly weights: Map<string, Weight>;
  private readonly nodes: Node[] = [];
  /** Values that keep float32 under their own name. */
  private readonly pinned = new Set<string>();
  /** Names under which float32 values are there in each type. */
  private readonly versions = { float16: new Map<string, string>(), float32: new Map<string, string>() };

  constructor(
    model: Model,
    halves: ReadonlyMap<string, DenseTensor>,
    private readonly options: HalfOptions,
  ) {
    this.source = model.graph;
    this.names = new FreshNames(model.graph);
    this.types = inferShapes(model);
    this.statics = new StaticValues(indexGraph(model.graph), null, null);
    this.weights = new Map(model.graph.weights);
    const captured = new Set(model.graph.nodes.flatMap(capturedBy));
    for (const name of captured) this.pinned.add(name);
    if (options.ends === 'float32') for (const { name } of model.graph.outputs) this.pinned.add(name);
    for (const [name, weight] of model.graph.weights) this.addWeight(name, weight, halves.get(name));
    for (const input of model.graph.inputs) this.addInput(input);
  }

  graph(): Graph {
    for (const node of indexGraph(this.source).order) this.convert(node);
    const outputs = this.source.outputs.map((output) => this.output(output));
    const values = new Map([...this.source.values].filter(([name]) => this.versions.float16.get(name) !== name));
    return { ...this.source, nodes: this.nodes, weights: this.weights, inputs: this.inputs(), outputs, values };
  }

  private addWeight(name: string, weight: Weight, half: DenseTensor | undefined): void {
    if (weight.dtype !== 'float32') return;
    const isInput = this.source.inputs.some((input) => input.name === name);
    if (half?.dtype !== 'float16' || this.pinned.has(name) || isInput) {
      this.versions.float32.set(name, name);
      return;
    }
    this.weights.set(name, { ...weight, dtype: 'float16', data: { kind: 'stream', stream: half.data } });
    this.versions.float16.set(name, name);
  }

  private addInput({ name, type }: Value): void {
    if (type.dtype !== 'float32' || this.source.weights.has(name)) return;
    const version = this.options.ends === 'float16' && !this.pinned.has(name) ? 'float16' : 'float32';
    this.versions[version].set(name, name);
  }

  private inputs(): Value[] {
    return this.source.inputs.map((input) =>
      this.versions.float16.get(input.name) === input.name && !this.source.weights.has(input.name)
        ? withDtype(input, 'float16')
        : input,
    );
  }

  /** The output in its new type; a value that is there in the other one is cast under the output's name. */
  private output(output: Value): Value {
    const { name, type } = output;
    if (type.dtype !== 'float32' || this.options.ends === 'float32') return output;
    return this.versions.float16.get(name) === name ? withDtype(output, 'float16') : output;
  }

  private convert(node: Node): void {
    const runsHalf = this.runsHalf(node);
    const kept = FLOAT_INPUTS.get(node.opType) ?? [];
    const inputs = node.inputs.map((name, index) =>
      this.isFloat(name) ? this.versionOf(name, runsHalf && !kept.includes(index) ? 'float16' : 'float32') : name,
    );
    const casts: Node[] = [];
    const outputs = node.outputs.map((name, index) => {
      const isHalf = runsHalf && this.isFloat(name) && !(index > 0 && FIRST_OUTPUT_ONLY.has(node.opType));
      if (!isHalf) {
        if (this.isFloat(name)) this.versions.float32.set(name, name);
        return name;
      }
      if (!this.pinned.has(name)) {
        this.versions.float16.set(name, name);
        return name;
      }
      const half = this.names.numbered(GENERATED);
      this.versions.float16.set(name, half);
      this.versions.float32.set(name, name);
      casts.push(castNode(half, name, 'float32'));
      return half;
    });
    const same = inputs.every((name, at) => name === node.inputs[at]) && casts.length === 0;
    const moved = same ? node : { ...node, inputs, outputs };
    this.nodes.push(runsHalf && node.opType === 'Cast' ? castTo(moved) : moved, ...casts);
  }

  private runsHalf(node: Node): boolean {
    if (node.domain !== '' || FLOAT_OPERATORS.has(node.opType) || subgraphsOf(node).length > 0) return false;
    return !this.statics.computes(node);
  }

  private isFloat(name: string): boolean {
    return name !== '' && (this.source.weights.get(name)?.dtype ?? this.types.get(name)?.dtype) === 'float32';
  }

  /** The value in a type, cast once where it is there in the other one. */
  private versionOf(name: string, dtype: 'float16' | 'float32'): string {
    const known = this.versions[dtype].get(name);
    if (known !== undefined) return known;
    const other = this.versions[dtype === 'float16' ? 'float32' : 'float16'].get(name);
    if (other === undefined) return name;
    const made = this.names.numbered(GENERATED);
    this.nodes.push(castNode(other, made, dtype));
    this.versions[dtype].set(name, made);
    return made;
  }
}

/** What the subgraphs of a node take from outside. */
function capturedBy(node: Node): string[] {
  if (subgraphsOf(node).length === 0) return [];
  const own = new Set(node.inputs);
  return valuesReadBy(node).filter((name) => !own.has(name));
}

function withDtype(value: Value, dtype: DType): Value {
  return { name: value.name, type: { ...value.type, dtype } };
}

/** A conversion to float32, to float16 instead. */
function castTo(node: Node): Node {
  const to = node.attributes.get('to');
  const isFloat = to?.kind === 'int' && to.value === codeOfDtype('float32');
  return isFloat ? withAttributes(node, { to: { kind: 'int', value: codeOfDtype('float16') } }) : node;
}
