import { outputChannels, scaleChannels } from '../../compression/folding/output-channels';
import { readFloats } from '../../compression/graph/float-weights';
import { FreshNames } from '../../compression/graph/fresh-names';
import { newNode } from '../../compression/graph/new-nodes';
import { float32Weight } from '../../compression/graph/new-weights';
import { choose } from '../../evaluation/data/split';
import { subset } from '../../evaluation/data/subset';
import { openWeights, type WeightReader } from '../../formats/weight-reader';
import type { Model, Node, Weight } from '../../model/model';
import { insertionSites, type InsertionSite } from './insertion-sites';
import { outputStatistics, type ChannelMoments, type StatisticsContext } from './output-statistics';

export interface InsertionRequest extends StatisticsContext {
  /** Operator set 13 or later. */
  readonly model: Model;
  /** Names of initializers that may change: layers of which none does stay as they are. */
  readonly learns: ReadonlySet<string>;
  /** Chooses the samples that are measured. */
  readonly seed: number;
}

/** A model that computes the same with batch normalization, where it was folded in before. */
export interface InsertedNormalization {
  readonly model: Model;
  readonly sites: readonly InsertionSite[];
  /** Biases behind which a normalization subtracts the mean: what they learn would be of no effect. */
  readonly biases: ReadonlySet<string>;
}

/** Samples that are measured: each gives many numbers a channel. */
const SAMPLES = 1024;
/** ONNX's default. */
const EPSILON = 1e-5;

/**
 * Puts a batch normalization behind each convolution that can take it in again. Its statistics are those of the
 * convolution's output on samples, and scale and shift undo them, so that the function stays what it is up to rounding.
 * Weights are divided by the deviation of their channel: all channels then begin with outputs of one size, and one
 * learning rate suits them all. Null where no convolution can take one.
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function insertNormalization(request: InsertionRequest): Promise<InsertedNormalization | null> {
  const { model, learns, seed, data } = request;
  const sites = insertionSites(model, learns);
  if (sites.length === 0) return null;
  const measured = subset(data, choose(data.length, Math.min(SAMPLES, data.length), seed));
  const values = sites.map(({ layer, weight, bias }) => ({
    ...{ name: layer.outputs[0] ?? '', rank: weight.shape.length, channels: bias.shape[0] ?? 0 },
  }));
  const statistics = await outputStatistics(model, values, { ...request, data: measured });
  const reader = await openWeights(model);
  try {
    return { model: await written(model, sites, statistics, reader), sites, biases: biasesOf(sites) };
  } finally {
    await reader.close();
  }
}

const biasesOf = (sites: readonly InsertionSite[]): Set<string> => new Set(sites.map(({ bias }) => bias.name));

async function written(
  model: Model,
  sites: readonly InsertionSite[],
  statistics: ReadonlyMap<string, ChannelMoments>,
  reader: WeightReader,
): Promise<Model> {
  const names = new FreshNames(model.graph);
  const weights = new Map(model.graph.weights);
  const replaced = new Map<Node, readonly Node[]>();
  for (const site of sites) {
    const moments = statistics.get(site.layer.outputs[0] ?? '');
    if (!moments) continue;
    const made = await normalized(site, moments, reader, names);
    for (const weight of made.weights) weights.set(weight.name, weight);
    replaced.set(site.layer, made.nodes);
  }
  const nodes = model.graph.nodes.flatMap((node) => replaced.get(node) ?? [node]);
  return { ...model, graph: { ...model.graph, nodes, weights } };
}

interface NormalizedLayer {
  readonly nodes: readonly Node[];
  readonly weights: readonly Weight[];
}

/** The layer with outputs of variance 1, and the normalization that makes of them what they were. */
async function normalized(
  { layer, weight, bias }: InsertionSite,
  { mean, variance }: ChannelMoments,
  reader: WeightReader,
  names: FreshNames,
): Promise<NormalizedLayer> {
  const channels = outputChannels(layer, weight.shape);
  // A channel that is nearly the same everywhere has no size to be brought to.
  const sizes = variance.map((value) => (value > EPSILON ? Math.sqrt(value) : 1));
  const divided = await readFloats(reader, weight);
  if (channels)
    scaleChannels(
      divided,
      channels,
      sizes.map((size) => 1 / size),
    );
  const per = (numbers: Float32Array | Float64Array): Float32Array =>
    Float32Array.from(numbers, (number, channel) => number / (sizes[channel] ?? 1));
  const variances = Float32Array.from(variance, (value, channel) => value / (sizes[channel] ?? 1) ** 2);
  const vector = (numbers: Float32Array): Weight => float32Weight(names.numbered('inserted'), bias.shape, numbers);
  const parameters = [
    vector(variances.map((value, channel) => Math.sqrt(value + EPSILON) * (sizes[channel] ?? 1))),
    vector(Float32Array.from(mean)),
    vector(per(mean)),
    vector(variances),
  ];
  const between = names.like(`${layer.outputs[0] ?? ''}_unnormalized`);
  const inputs = [between, ...parameters.map(({ name }) => name)];
  return {
    nodes: [
      { ...layer, outputs: [between] },
      newNode('BatchNormalization', inputs, layer.outputs, { epsilon: { kind: 'float', value: EPSILON } }),
    ],
    weights: [
      float32Weight(weight.name, weight.shape, divided),
      float32Weight(bias.name, bias.shape, per(await readFloats(reader, bias))),
      ...parameters,
    ],
  };
}
