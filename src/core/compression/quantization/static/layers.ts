import type { GraphIndex } from '../../../analysis/graph-order';
import { layersOf, type Layer } from '../../../analysis/layers';
import type { Model, Node, Weight } from '../../../model/model';
import type { WeightPlan } from '../../encodings/scheme';
import { ruleOf } from './operators';
import type { WeightedRule } from './operators/rule';

/** A node that becomes an integer kernel, with the tensors that it reads. */
export interface LayerChoice {
  /** The layer's identity, for messages. */
  readonly name: string;
  readonly rule: WeightedRule;
  readonly weight: Weight;
  readonly bias: Weight | null;
  /** The axis of the weight along which outputs lie. */
  readonly channelAxis: number;
}

export interface LayerChoices {
  readonly layers: ReadonlyMap<Node, LayerChoice>;
  /** Nodes that the user keeps as they are. */
  readonly kept: ReadonlySet<Node>;
  /** A sentence for each reason why layers with weights stay float. */
  readonly warnings: readonly string[];
}

export interface LayerWishes {
  /** Names of layers that stay float. */
  readonly keep: ReadonlySet<string>;
  /** Schemes of weights: layers of dense ones stay float as well. */
  readonly weights: WeightPlan;
  /** First layers stay float where that is faster. */
  readonly fastFirst: boolean;
}

/** Names that a sentence lists before it only counts. */
const NAMES_SHOWN = 3;

/** Chooses the layers of the main graph that become integer kernels: those with a rule, constant weights, not kept. */
export function chooseLayers(model: Model, index: GraphIndex, { keep, weights, fastFirst }: LayerWishes): LayerChoices {
  const layers = new Map<Node, LayerChoice>();
  const kept = new Set<Node>();
  const left = new Map<string, string[]>();
  for (const layer of layersOf(model)) {
    if (keep.has(layer.name) || weights.get(layer.node.inputs[1] ?? '')?.kind === 'dense') {
      kept.add(layer.node);
      continue;
    }
    const found = choiceOf(layer, index);
    const choice = fastFirst && isSlowFirst(found, layer.node, index) ? SLOW_FIRST : found;
    if (typeof choice !== 'string' && choice !== null) layers.set(layer.node, choice);
    if (typeof choice === 'string') left.set(choice, [...(left.get(choice) ?? []), layer.name]);
  }
  return { layers, kept, warnings: [...left].map(([reason, names]) => sentence(names, reason)) };
}

/** The choice; a reason why it stays float; null for layers without weights to speak of. */
function choiceOf(layer: Layer, index: GraphIndex): LayerChoice | string | null {
  const { node, name } = layer;
  if (!layer.weights.some((weight) => weight.role === 'weight' && weight.shape.length > 1)) {
    return node.opType === 'BatchNormalization' && node.domain === ''
      ? 'stay float: no layer before takes the batch normalization in.'
      : null;
  }
  const rule = ruleOf(node);
  if (layer.within !== null) return 'stay float: they are inside a branch or a loop.';
  if (rule?.role !== 'weighted') return `stay float: ${node.opType} has no integer kernel.`;
  const { weights } = index.graph;
  const weight = weights.get(node.inputs[1] ?? '');
  const biasName = node.inputs[2] ?? '';
  const bias = weights.get(biasName) ?? null;
  if (weight === undefined) return 'stay float: their weights are not stored as one constant.';
  if (weight.dtype !== 'float32') return `stay as they are: their weights are ${weight.dtype}, not float32.`;
  if (biasName !== '' && bias?.dtype !== 'float32') return 'stay float: their biases are no float32 constants.';
  const refusal = rule.refusal(node, weight, bias);
  if (refusal !== null) return `stay float: ${refusal}.`;
  return { name, rule, weight, bias, channelAxis: rule.channelAxis(node, weight) };
}

const SLOW_FIRST = 'stay float: with so few inputs an output, the float kernel is faster.';

/** True for a layer that reads floats, from the caller or from a node without an integer kernel, and is faster so. */
function isSlowFirst(choice: LayerChoice | string | null, node: Node, { producer }: GraphIndex): boolean {
  if (choice === null || typeof choice === 'string') return false;
  const maker = producer.get(node.inputs[0] ?? '');
  const readsFloat = maker === undefined || ruleOf(maker) === null;
  return readsFloat && (choice.rule.isSlow?.(node, choice.weight) ?? false);
}

/** One layer stays, several stay. */
function sentence(names: readonly string[], reason: string): string {
  return `${listed(names)} ${names.length === 1 ? reason.replace(/^stay /, 'stays ') : reason}`;
}

/** "a, b, c and 4 more". */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
