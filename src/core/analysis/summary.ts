import path from 'node:path';
import { encodingLabel } from '../model/encoding';
import type { Graph, Model, Value, Weight } from '../model/model';
import { elementsOf } from '../model/model';
import { peakActivationBytes } from './cost/activations';
import { graphMacs, nodeMacs } from './cost/macs';
import { layerDetail } from './layer-detail';
import { pathOf } from './layer-names';
import type { Layer, LayerWeight } from './layers';
import { layersOf } from './layers';
import { storedBytes } from './logical-weights';
import { batchSymbol, freeSymbols } from './free-symbols';
import { Inference, toValueType } from './shapes';
import { parseDimension } from './shapes/dimension-text';
import { toDimension } from './shapes/extent';
import type { LayerSummary, ModelSummary, ValueSummary, WeightSummary } from './summary.schema';

export interface SummaryOptions {
  /** Values for symbolic dimensions, by name. */
  readonly dims?: Readonly<Record<string, number>> | undefined;
}

/**
 * What a model is made of: facts, totals and layers with their logical weights. Reads no weight bytes and never throws.
 * MACs and activation memory are for one sample where the only symbol is the leading dimension of the inputs;
 * otherwise they are null until `dims` gives values.
 */
export function summarize(model: Model, options: SummaryOptions = {}): ModelSummary {
  const dims = options.dims ?? {};
  const shapes = new Inference(model, dims);
  const symbols = freeSymbols(model, dims);
  const batch = batchSymbol(model, dims, symbols);
  const costs = batch === null ? shapes : new Inference(model, { ...dims, [batch]: 1 });
  const counted = new Set<Weight>();
  const layers = layersOf(model).map((layer) => summarizeLayer(layer, shapes, costs, counted));
  return {
    format: model.format,
    formatVersion: model.formatVersion,
    producer: model.producer,
    opset: model.opsets.get('') ?? model.opsets.get('ai.onnx') ?? null,
    opsets: Object.fromEntries(model.opsets),
    metadata: Object.fromEntries(model.metadata),
    files: model.files.map((file) => ({ name: path.basename(file.path), bytes: file.size })),
    bytes: total(model.files.map((file) => file.size)),
    parameters: total(layers.map((layer) => layer.parameters)),
    buffers: total(layers.map((layer) => layer.buffers)),
    macs: graphMacs(model.graph, costs),
    symbols,
    peakActivationBytes: peakActivationBytes(model.graph, costs),
    inputs: model.graph.inputs
      .filter((input) => !model.graph.weights.has(input.name))
      .map((value) => valueSummary(value, model.graph, shapes)),
    outputs: model.graph.outputs.map((value) => valueSummary(value, model.graph, shapes)),
    layers,
  };
}

function valueSummary({ name, type }: Value, graph: Graph, shapes: Inference): ValueSummary {
  const { dtype, shape } = toValueType(shapes.factsOf(graph, name));
  const stated = type.shape?.map((dimension) => toDimension(parseDimension(dimension, shapes.dims)));
  return { name, dtype: dtype ?? type.dtype, shape: mutable(shape ?? stated ?? null) };
}

function summarizeLayer(layer: Layer, shapes: Inference, costs: Inference, counted: Set<Weight>): LayerSummary {
  const weights = layer.weights.map((weight) => summarizeWeight(weight, counted));
  const own = layer.weights.filter((_, at) => weights[at]?.shared === false);
  const { dtype, shape } = toValueType(shapes.factsOf(layer.graph, layer.output));
  return {
    name: layer.name,
    path: pathOf(layer.name),
    operator: layer.node.opType,
    detail: layerDetail(layer),
    outputShape: mutable(shape),
    outputDtype: dtype,
    parameters: total(weights.map((weight) => (weight.shared ? 0 : weight.parameters))),
    buffers: total(own.map((weight) => (weight.role === 'statistics' ? elementsOf(weight.shape) : 0))),
    bytes: total(own.map(storedBytes)),
    macs: layerMacs(layer, costs),
    weights,
  };
}

function layerMacs({ node, madeOf, graph }: Layer, costs: Inference): number | null {
  const macs = (madeOf ?? [node]).map((one) => nodeMacs(one, graph, costs));
  return macs.some((count) => count === null) ? null : total(macs.flatMap((count) => count ?? []));
}

function summarizeWeight(weight: LayerWeight, counted: Set<Weight>): WeightSummary {
  const shared = counted.has(weight.stored);
  counted.add(weight.stored);
  return {
    name: weight.name,
    role: weight.role,
    dtype: weight.dtype,
    shape: [...weight.shape],
    bytes: storedBytes(weight),
    parameters: weight.role === 'statistics' ? 0 : elementsOf(weight.shape),
    encoding: weight.encoding,
    encodingLabel: encodingLabel(weight.encoding),
    outputAxis: weight.outputAxis,
    shared,
  };
}

function mutable<T>(shape: readonly T[] | null): T[] | null {
  return shape === null ? null : [...shape];
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
