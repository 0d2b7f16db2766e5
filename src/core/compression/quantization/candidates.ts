import { layersOf, type Layer, type LayerWeight } from '../../analysis/layers';
import { bitsOf, isFloat } from '../../model/dtype';
import { elementsOf, type Model, type Weight } from '../../model/model';
import { canWiden } from '../encodings/dense';

/** A dense weight that a pass may encode, with what its layers say about it. */
export interface Candidate {
  /** The name under which the model's graph holds it. */
  readonly name: string;
  readonly weight: LayerWeight;
  /** Every layer that uses it. */
  readonly layers: readonly Layer[];
}

/**
 * Floating weights of a model that are stored as they are, each once. Left out: those of `keep` layers (also when
 * another layer shares them), those already encoded, and those that the model's own graph does not hold (subgraphs).
 */
export function candidates(
  model: Model,
  keep: ReadonlySet<string>,
  wanted: (weight: LayerWeight, layer: Layer) => boolean,
): Candidate[] {
  const found = new Map<string, { weight: LayerWeight; layers: Layer[] }>();
  const refused = new Set<string>();
  const own = ownTensors(model);
  for (const layer of layersOf(model)) {
    for (const weight of layer.weights) {
      if (!isPlainFloat(weight) || !own.has(weight.stored)) continue;
      if (keep.has(layer.name)) refused.add(weight.name);
      const known = found.get(weight.name);
      if (known !== undefined) known.layers.push(layer);
      else if (wanted(weight, layer)) found.set(weight.name, { weight, layers: [layer] });
    }
  }
  return [...found].flatMap(([name, candidate]) => (refused.has(name) ? [] : [{ name, ...candidate }]));
}

function isPlainFloat({ encoding, stored }: LayerWeight): boolean {
  if (encoding.kind !== 'dense' || !isFloat(stored.dtype) || !canWiden(stored.dtype)) return false;
  // What has 8 bits already is compressed already.
  return bitsOf(stored.dtype) > 8 && elementsOf(stored.shape) > 0;
}

/** The tensors of the model's own graph. A subgraph may hold another of the same name, so the objects are compared. */
function ownTensors(model: Model): Set<Weight> {
  const own = new Set(model.graph.weights.values());
  for (const node of model.graph.nodes) {
    const value = node.opType === 'Constant' ? node.attributes.get('value') : undefined;
    if (value?.kind === 'tensor') own.add(value.value);
  }
  return own;
}
