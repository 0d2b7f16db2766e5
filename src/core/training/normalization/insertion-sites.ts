import { indexGraph, type GraphIndex } from '../../analysis/graph-order';
import type { Model, Node, Weight } from '../../model/model';

/** A convolution behind which a batch normalization can stand while it learns: weight and bias take it in afterwards. */
export interface InsertionSite {
  readonly layer: Node;
  readonly weight: Weight;
  readonly bias: Weight;
}

/** Values that are normalized next anyway. */
const NORMALIZATIONS = new Set(['BatchNormalization', 'InstanceNormalization', 'GroupNormalization']);

/**
 * Convolutions with a bias, where weight and bias are theirs alone and at least one of them learns, and nothing
 * normalizes what they give.
 * @param learns names of initializers that may change
 */
export function insertionSites(model: Model, learns: ReadonlySet<string>): InsertionSite[] {
  const index = indexGraph(model.graph);
  return model.graph.nodes.flatMap((node) => {
    const site = siteAt(node, index);
    return site && (learns.has(site.weight.name) || learns.has(site.bias.name)) ? [site] : [];
  });
}

function siteAt(layer: Node, index: GraphIndex): InsertionSite | null {
  if (layer.opType !== 'Conv' || layer.domain !== '') return null;
  const [weight, bias] = [ownWeight(layer.inputs[1], index), ownWeight(layer.inputs[2], index)];
  if (!weight || !bias || weight.shape.length < 3 || bias.shape.length !== 1) return null;
  if (bias.shape[0] !== weight.shape[0] || bias.shape[0] === 0) return null;
  const readers = index.consumers.get(layer.outputs[0] ?? '') ?? [];
  const isNormalized = readers.length > 0 && readers.every(({ opType }) => NORMALIZATIONS.has(opType));
  return isNormalized ? null : { layer, weight, bias };
}

/** A float32 initializer that nothing else reads. */
function ownWeight(name: string | undefined, { graph, consumers, outputNames }: GraphIndex): Weight | null {
  const weight = graph.weights.get(name ?? '');
  if (weight?.dtype !== 'float32' || outputNames.has(weight.name)) return null;
  return consumers.get(weight.name)?.length === 1 ? weight : null;
}
