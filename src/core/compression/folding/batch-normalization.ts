import { indexGraph, type GraphIndex } from '../../analysis/graph-order';
import type { WeightReader } from '../../formats/weight-reader';
import type { Model, Node, Weight } from '../../model/model';
import { floatAttribute, intAttribute } from '../graph/attributes';
import { readFloats } from '../graph/float-weights';
import { FreshNames } from '../graph/fresh-names';
import { float32Weight } from '../graph/new-weights';
import { tidy } from '../graph/tidy';
import { weightBehind } from '../graph/weight-behind';
import { outputChannels, scaleChannels, type OutputChannels } from './output-channels';

/** ONNX's default. */
const EPSILON = 1e-5;

/** What keeps a normalization from dividing by nothing. */
export const epsilonOf = (normalization: Node): number => floatAttribute(normalization, 'epsilon', EPSILON);

/** A batch normalization and the node before it whose weights can take it in. */
export interface FoldablePair {
  readonly layer: Node;
  readonly normalization: Node;
  readonly weight: Weight;
  readonly bias: Weight | null;
  readonly channels: OutputChannels;
}

/**
 * Folds each `BatchNormalization` into the `Conv`, `ConvTranspose` or `Gemm` that alone feeds it:
 * `W' = W * g / sqrt(v + e)`, `b' = (b - m) * g / sqrt(v + e) + beta`, computed in float64. The layer takes over the
 * normalization's output. Others stay: without such a layer, in training mode, or with statistics that are computed.
 */
export async function foldBatchNormalization(model: Model, reader: WeightReader): Promise<Model> {
  return (await foldedModel(model, reader)).model;
}

/** A model without its batch normalizations. */
export interface FoldedModel {
  readonly model: Model;
  /** For each new weight the one it was made of: they differ in name where layers shared it. */
  readonly madeOf: ReadonlyMap<string, string>;
}

/** `foldBatchNormalization`, with what became of which weight. */
export async function foldedModel(model: Model, reader: WeightReader): Promise<FoldedModel> {
  const index = indexGraph(model.graph);
  const pairs = foldablePairs(model);
  if (pairs.length === 0) return { model, madeOf: new Map() };
  const names = new FreshNames(model.graph);
  const weights = new Map(model.graph.weights);
  const folded = new Map<Node, Node>();
  const madeOf = new Map<string, string>();
  for (const pair of pairs) {
    const made = await fold(pair, index, reader, names);
    for (const weight of made.weights) weights.set(weight.name, weight);
    folded.set(pair.layer, made.layer);
    madeOf.set(made.layer.inputs[1] ?? '', pair.weight.name);
  }
  const gone = new Set(pairs.map((pair) => pair.normalization));
  const nodes = model.graph.nodes.filter((node) => !gone.has(node)).map((node) => folded.get(node) ?? node);
  return { model: { ...model, graph: tidy({ ...model.graph, nodes, weights }) }, madeOf };
}

/** Every normalization that `foldBatchNormalization` folds, with the layer that takes it in. */
export function foldablePairs({ graph }: Model): FoldablePair[] {
  const index = indexGraph(graph);
  return graph.nodes.flatMap((node) => pairOf(node, index) ?? []);
}

function pairOf(normalization: Node, index: GraphIndex): FoldablePair | null {
  if (!isInferenceNormalization(normalization)) return null;
  const input = normalization.inputs[0] ?? '';
  const layer = index.producer.get(input);
  if (layer === undefined || index.outputNames.has(input) || index.consumers.get(input)?.length !== 1) return null;
  const { weights } = index.graph;
  const weight = floatWeight(weights, layer.inputs[1]);
  const biasName = layer.inputs[2] ?? '';
  const bias = floatWeight(weights, biasName);
  if (weight === null || (biasName !== '' && bias === null)) return null;
  const channels = outputChannels(layer, weight.shape);
  if (channels === null || (bias !== null && !isVector(bias, channels.count))) return null;
  const statistics = normalization.inputs.slice(1, 5).map((name) => weightBehind(name, index));
  if (
    statistics.length !== 4 ||
    !statistics.every((each) => each?.dtype === 'float32' && isVector(each, channels.count))
  )
    return null;
  return { layer, normalization, weight, bias, channels };
}

function isInferenceNormalization(node: Node): boolean {
  return (
    node.opType === 'BatchNormalization' &&
    node.domain === '' &&
    node.outputs.filter((name) => name !== '').length === 1 &&
    intAttribute(node, 'training_mode', 0) === 0
  );
}

function floatWeight(weights: ReadonlyMap<string, Weight>, name: string | undefined): Weight | null {
  const weight = weights.get(name ?? '');
  return weight?.dtype === 'float32' ? weight : null;
}

function isVector(weight: Weight, length: number): boolean {
  return weight.shape.length === 1 && weight.shape[0] === length;
}

async function fold(
  pair: FoldablePair,
  index: GraphIndex,
  reader: WeightReader,
  names: FreshNames,
): Promise<{ layer: Node; weights: Weight[] }> {
  const { factor, offset } = await channelwise(pair, index, reader);
  const values = await readFloats(reader, pair.weight);
  scaleChannels(values, pair.channels, factor);
  const bias = pair.bias === null ? null : await readFloats(reader, pair.bias);
  const shifted = Float32Array.from(
    offset,
    (value, channel) => (bias?.[channel] ?? 0) * (factor[channel] ?? 1) + value,
  );
  // The weight keeps its name, by which the layer is known, unless another layer shares it.
  const alone = (name: string): boolean => index.consumers.get(name)?.length === 1 && !index.outputNames.has(name);
  const weight = float32Weight(
    alone(pair.weight.name) ? pair.weight.name : names.like(pair.weight.name),
    pair.weight.shape,
    values,
  );
  const ownBias = pair.bias !== null && alone(pair.bias.name) ? pair.bias.name : null;
  const biasWeight = float32Weight(ownBias ?? names.like(biasName(pair.weight.name)), [pair.channels.count], shifted);
  const inputs = [pair.layer.inputs[0] ?? '', weight.name, biasWeight.name];
  return {
    layer: { ...pair.layer, inputs, outputs: [pair.normalization.outputs[0] ?? ''] },
    weights: [weight, biasWeight],
  };
}

/** What the normalization does to a channel: `y = x * factor + offset`. */
async function channelwise(
  pair: FoldablePair,
  index: GraphIndex,
  reader: WeightReader,
): Promise<{ factor: Float64Array; offset: Float64Array }> {
  const read = async (input: number): Promise<Float32Array> => {
    const weight = weightBehind(pair.normalization.inputs[input], index);
    return weight === null ? new Float32Array(0) : readFloats(reader, weight);
  };
  const [gamma, beta, mean, variance] = [await read(1), await read(2), await read(3), await read(4)];
  const epsilon = epsilonOf(pair.normalization);
  const factor = Float64Array.from(gamma, (value, channel) => value / Math.sqrt((variance[channel] ?? 0) + epsilon));
  const offset = Float64Array.from(beta, (value, channel) => value - (mean[channel] ?? 0) * (factor[channel] ?? 0));
  return { factor, offset };
}

/** "conv1.bias" beside "conv1.weight". */
function biasName(weightName: string): string {
  return weightName.endsWith('.weight') ? weightName.replace(/weight$/, 'bias') : `${weightName}_bias`;
}
