import { indexGraph, type GraphIndex } from '../../../../analysis/graph-order';
import { elementsOf, type Model, type Node, type Weight } from '../../../../model/model';
import { FreshNames } from '../../../graph/fresh-names';
import { tidy } from '../../../graph/tidy';

/** A layer without a bias, and the `Add` of a constant after it. */
interface Biased {
  readonly layer: Node;
  readonly add: Node;
  readonly bias: Weight;
  readonly channels: number;
}

/**
 * Makes `MatMul` with a constant matrix, then `Add` of a constant vector, one `Gemm` where the input has two
 * dimensions; and a `Conv` without bias, then `Add` of one number a channel, one `Conv`. Only then is the bias part of
 * the integer kernel. `rankOf` gives the dimensions of a value, null where unknown.
 */
export function takeInBiases(model: Model, rankOf: (value: string) => number | null): Model {
  const index = indexGraph(model.graph);
  const names = new FreshNames(model.graph);
  const weights = new Map(model.graph.weights);
  const changed = new Map<Node, Node>();
  const gone = new Set<Node>();
  for (const node of index.order) {
    const found = biasedLayer(node, index, rankOf);
    if (found === null) continue;
    const own = index.consumers.get(found.bias.name)?.length === 1 && !index.outputNames.has(found.bias.name);
    const name = own ? found.bias.name : names.like(found.bias.name);
    const bias = { ...found.bias, name, shape: [found.channels] };
    weights.set(bias.name, bias);
    changed.set(found.layer, withBias(found.layer, bias.name, found.add));
    gone.add(found.add);
  }
  if (gone.size === 0) return model;
  const nodes = model.graph.nodes.filter((node) => !gone.has(node)).map((node) => changed.get(node) ?? node);
  return { ...model, graph: tidy({ ...model.graph, nodes, weights }) };
}

function withBias(layer: Node, bias: string, add: Node): Node {
  const inputs = [layer.inputs[0] ?? '', layer.inputs[1] ?? '', bias];
  return { ...layer, opType: layer.opType === 'MatMul' ? 'Gemm' : layer.opType, inputs, outputs: add.outputs };
}

function biasedLayer(add: Node, index: GraphIndex, rankOf: (value: string) => number | null): Biased | null {
  if (add.opType !== 'Add' || add.domain !== '' || add.inputs.length !== 2) return null;
  const { weights } = index.graph;
  const [left = '', right = ''] = add.inputs;
  const bias = weights.get(left) ?? weights.get(right);
  const value = weights.has(left) ? right : left;
  const layer = index.producer.get(value);
  if (bias?.dtype !== 'float32' || layer === undefined || layer.domain !== '') return null;
  if (index.consumers.get(value)?.length !== 1 || index.outputNames.has(value)) return null;
  const weight = weights.get(layer.inputs[1] ?? '');
  if (weight === undefined) return null;
  const channels = biasChannels(layer, weight.shape, bias.shape, rankOf);
  return channels === null ? null : { layer, add, bias, channels };
}

/** The length of the bias; null when the constant is not one number an output channel. */
function biasChannels(
  layer: Node,
  weight: readonly number[],
  bias: readonly number[],
  rankOf: (value: string) => number | null,
): number | null {
  if (layer.opType === 'MatMul' && weight.length === 2 && rankOf(layer.inputs[0] ?? '') === 2) {
    const channels = weight[1] ?? 0;
    return elementsOf(bias) === channels && bias.length <= 2 && bias.at(-1) === channels ? channels : null;
  }
  if (layer.opType !== 'Conv' || (layer.inputs[2] ?? '') !== '') return null;
  const channels = weight[0] ?? 0;
  const aligned = bias.length === weight.length ? bias.slice(1) : bias;
  const ofChannels = aligned.length === weight.length - 1 && aligned[0] === channels;
  return ofChannels && elementsOf(bias) === channels ? channels : null;
}
