import { indexGraph } from '../../analysis/graph-order';
import { readFloats } from '../../compression/graph/float-weights';
import { float32Weight } from '../../compression/graph/new-weights';
import { outputChannels, scaleChannels } from '../../compression/folding/output-channels';
import { openWeights, type WeightReader } from '../../formats/weight-reader';
import type { Model, Node, Weight } from '../../model/model';

/**
 * The same function with batch normalizations that multiply by nothing negative: where one does, the layer before gives
 * the channel with the other sign. Codes of 2 bits go from -2 to 1 and have no other sign, so that folding such a
 * channel in would lose one of them. Layers and normalizations that share tensors stay.
 */
export async function withPositiveScales(model: Model): Promise<Model> {
  const reader = await openWeights(model);
  try {
    const weights = new Map(model.graph.weights);
    for (const pair of pairsOf(model))
      for (const weight of await turned(pair, reader)) weights.set(weight.name, weight);
    return { ...model, graph: { ...model.graph, weights } };
  } finally {
    await reader.close();
  }
}

interface Pair {
  readonly layer: Node;
  readonly weight: Weight;
  readonly scale: Weight;
  /** The layer's bias, and the running mean of what it gives. */
  readonly withOutput: readonly Weight[];
}

function pairsOf({ graph }: Model): Pair[] {
  const { producer, consumers, outputNames } = indexGraph(graph);
  const own = (name: string | undefined): Weight | null => {
    const weight = graph.weights.get(name ?? '');
    return weight?.dtype === 'float32' && consumers.get(weight.name)?.length === 1 ? weight : null;
  };
  return graph.nodes.flatMap((node): Pair[] => {
    const [input = '', scaleName, , meanName] = node.inputs;
    const layer = node.opType === 'BatchNormalization' ? producer.get(input) : undefined;
    if (!layer || outputNames.has(input) || consumers.get(input)?.length !== 1) return [];
    const [weight, scale, mean] = [own(layer.inputs[1]), own(scaleName), own(meanName)];
    const hasBias = (layer.inputs[2] ?? '') !== '';
    const bias = own(layer.inputs[2]);
    if (!weight || !scale || !mean || (hasBias && !bias)) return [];
    return [{ layer, weight, scale, withOutput: bias ? [mean, bias] : [mean] }];
  });
}

async function turned({ layer, weight, scale, withOutput }: Pair, reader: WeightReader): Promise<Weight[]> {
  const signs = Float64Array.from(await readFloats(reader, scale), (value) => (value < 0 ? -1 : 1));
  const channels = outputChannels(layer, weight.shape);
  if (!channels || channels.count !== signs.length || signs.every((sign) => sign === 1)) return [];
  const values = await readFloats(reader, weight);
  scaleChannels(values, channels, signs);
  const results = [float32Weight(weight.name, weight.shape, values)];
  for (const vector of [scale, ...withOutput]) {
    const numbers = (await readFloats(reader, vector)).map((value, channel) => value * (signs[channel] ?? 1));
    results.push(float32Weight(vector.name, vector.shape, numbers));
  }
  return results;
}
