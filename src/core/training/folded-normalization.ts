import { epsilonOf, foldablePairs, type FoldablePair } from '../compression/folding/batch-normalization';
import { FreshNames } from '../compression/graph/fresh-names';
import { newNode } from '../compression/graph/new-nodes';
import { float32Weight, int64Weight } from '../compression/graph/new-weights';
import type { Model, Node, Weight } from '../model/model';

/** Products of a weight and what a normalization multiplies its channels by. */
const PRODUCTS = new WeakSet<Node>();

/** True for the node by which a weight takes a normalization in: `weight * factor`. */
export const isFoldingProduct = (node: Node): boolean => PRODUCTS.has(node);

/** Folded forms of models, which are never changed in place. */
const FORMS = new WeakMap<Model, Model>();

/**
 * The model with every batch normalization that a layer can take in computed as folding leaves it, from the same
 * initializers: `factor = scale / sqrt(variance + epsilon)`, and the layer has the weight `weight * factor` and the
 * bias `(bias - mean) * factor + shift`. Values keep their names; a normalization's is the layer's output. Which ones
 * are taken in, `foldBatchNormalization` decides, except transposed convolutions in groups, whose weights have no axis
 * of channels: their normalizations stay.
 */
export function withFoldedNormalization(model: Model): Model {
  const known = FORMS.get(model);
  if (known) return known;
  const form = folded(model);
  FORMS.set(model, form);
  return form;
}

function folded(model: Model): Model {
  const names = new FreshNames(model.graph);
  const weights = new Map(model.graph.weights);
  const written = new Map<Node, readonly Node[]>();
  for (const pair of foldablePairs(model)) {
    const shape = channelsShape(pair);
    if (shape === null) continue;
    const made = nodesOf(pair, shape, names);
    for (const weight of made.weights) weights.set(weight.name, weight);
    written.set(pair.layer, []);
    // Where the normalization was: what it reads is there by then.
    written.set(pair.normalization, made.nodes);
  }
  if (written.size === 0) return model;
  const nodes = model.graph.nodes.flatMap((node) => written.get(node) ?? [node]);
  return { ...model, graph: { ...model.graph, nodes, weights } };
}

/** The shape in which one number a channel broadcasts to the weight. */
function channelsShape({ weight: { shape }, channels: { count, run, groupElements } }: FoldablePair): number[] | null {
  const elements = shape.reduce((product, length) => product * length, 1);
  if (groupElements !== elements) return null;
  let inner = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (inner === run && shape[axis] === count) return shape.map((_, each) => (each === axis ? count : 1));
    inner *= shape[axis] ?? 1;
  }
  return null;
}

interface FoldedNodes {
  readonly nodes: readonly Node[];
  readonly weights: readonly Weight[];
}

function nodesOf(
  { layer, normalization, weight }: FoldablePair,
  shape: readonly number[],
  names: FreshNames,
): FoldedNodes {
  const [, scale = '', shift = '', mean = '', variance = ''] = normalization.inputs;
  const bias = layer.inputs[2] ?? '';
  const nodes: Node[] = [];
  const made = (opType: string, inputs: readonly string[]): string => {
    const output = names.numbered('fold');
    nodes.push(newNode(opType, inputs, [output]));
    return output;
  };
  const epsilon = float32Weight(names.numbered('fold'), [], Float32Array.of(epsilonOf(normalization)));
  const channels = int64Weight(names.numbered('fold'), shape);
  const factor = made('Div', [scale, made('Sqrt', [made('Add', [variance, epsilon.name])])]);
  const product = newNode('Mul', [weight.name, made('Reshape', [factor, channels.name])], [names.numbered('fold')]);
  PRODUCTS.add(product);
  nodes.push(product);
  const centred = bias === '' ? made('Neg', [mean]) : made('Sub', [bias, mean]);
  const moved = made('Add', [made('Mul', [centred, factor]), shift]);
  const inputs = [layer.inputs[0] ?? '', product.outputs[0] ?? '', moved];
  nodes.push({ ...layer, inputs, outputs: [normalization.outputs[0] ?? ''] });
  return { nodes, weights: [epsilon, channels] };
}
