import { isFloat, isInteger } from '../model/dtype';
import type { Graph, Model, Node } from '../model/model';
import { biasAdditionOf, LINEAR_OPERATORS } from './bias-addition';
import type { GraphIndex } from './graph-order';
import { compositeLayers, type CompositeLayer } from './composite-layers';
import { graphsIn, indexGraph, MAX_SUBGRAPH_DEPTH } from './graph-order';
import { nameLayers } from './layer-names';
import type { LogicalWeight } from './logical-weights';
import { affineEncoding, WeightResolver } from './logical-weights';
import { packedProduct, packedTable, type PackedInputs } from './packed-blocks';
import { StaticValues } from './static-values';
import { functionTable, type FunctionTable } from './unpacking/term';
import { withScale } from './weight-forms';
import type { WeightRole, WeightSlot } from './weight-roles';
import { isWeighted, weightSlots } from './weight-roles';

/** One layer of a model: a node that computes, with the weights behind its inputs. */
export interface Layer {
  /** What the layer is called everywhere (see layer-names.ts); unique in the model. */
  readonly name: string;
  readonly node: Node;
  /** The graph that holds the node: the model's, or a subgraph's. */
  readonly graph: Graph;
  /** The node whose branch or body holds it, and that attribute's name; null in the model's own graph. */
  readonly within: { readonly node: Node; readonly branch: string } | null;
  readonly weights: readonly LayerWeight[];
  /** The value that leaves the layer, after a bias added by a node of its own. */
  readonly output: string;
  /** The nodes of the graph that `node` stands for; absent where it is one of the graph itself. */
  readonly madeOf?: readonly Node[];
}

export interface LayerWeight extends LogicalWeight {
  readonly role: WeightRole;
  /** Axis of the layer's outputs, in the stored order of axes; null where there is none. */
  readonly outputAxis: number | null;
}

export type UnnamedLayer = Omit<Layer, 'name'>;

/** Helpers of quantized graphs: they convert activations, and are no layers. */
const CONVERSIONS: ReadonlySet<string> = new Set([
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'Identity',
]);

/** Models are never changed in place, so their layers are found once. */
const LAYERS = new WeakMap<Model, readonly Layer[]>();

/** The layers of a model in the order in which they run, those of subgraphs after the node that holds them. */
export function layersOf(model: Model): readonly Layer[] {
  const known = LAYERS.get(model);
  if (known !== undefined) return known;
  const found: UnnamedLayer[] = [];
  collect(model.graph, null, null, 0, found, functionTable(model.functions));
  const layers = nameLayers(found);
  LAYERS.set(model, layers);
  return layers;
}

/**
 * Calls the layers of a model by names that its file does not hold: those of the model that it was made of, whose nodes
 * are the same in the same order. Where they are not, nothing is renamed.
 */
export function nameLayersAfter(model: Model, original: Model): void {
  const [own, given] = [layersOf(model), layersOf(original)];
  const isSame = own.length === given.length && own.every(({ node }, at) => node.opType === given[at]?.node.opType);
  if (!isSame) return;
  const named = own.map((layer, at) => ({
    ...layer,
    name: given[at]?.name ?? layer.name,
    weights: layer.weights.map((weight, index) => ({
      ...weight,
      name: given[at]?.weights[index]?.name ?? weight.name,
    })),
  }));
  LAYERS.set(model, named);
}

interface GraphView {
  readonly index: GraphIndex;
  readonly resolver: WeightResolver;
  readonly statics: StaticValues;
}

function collect(
  graph: Graph,
  outer: GraphView | null,
  within: Layer['within'],
  depth: number,
  found: UnnamedLayer[],
  functions: FunctionTable,
): void {
  const index = indexGraph(graph);
  const resolver = new WeightResolver(index, outer?.resolver ?? null, functions);
  const view = { index, resolver, statics: new StaticValues(index, resolver, outer?.statics ?? null) };
  const absorbed = new Set<Node>();
  const composites = compositeLayers(index, resolver);
  for (const node of index.order) {
    const composite = composites.get(node);
    if (composite?.last === node) found.push(compositeLayer(composite, view, within, absorbed));
    if (composite !== undefined || absorbed.has(node) || isHelper(node, view)) continue;
    found.push(layerOf(node, view, within, absorbed));
    if (depth >= MAX_SUBGRAPH_DEPTH) continue;
    for (const [branch, attribute] of node.attributes) {
      for (const subgraph of graphsIn(attribute)) {
        collect(subgraph, view, { node, branch }, depth + 1, found, functions);
      }
    }
  }
}

function isHelper(node: Node, { resolver, statics }: GraphView): boolean {
  return CONVERSIONS.has(node.opType) || statics.computes(node) || resolver.weightOf(node.outputs[0] ?? '') !== null;
}

function compositeLayer(
  { node, weight, nodes }: CompositeLayer,
  view: GraphView,
  within: Layer['within'],
  absorbed: Set<Node>,
): UnnamedLayer {
  const [main, ...others] = weightSlots(node);
  const whole = main === undefined ? [] : [asLayerWeight(weight, main, node)];
  const biases = others.filter(({ role }) => role === 'bias').flatMap((slot) => weightsAt(node, slot, view));
  return { ...withBias(node, [...whole, ...biases], view, within, absorbed), madeOf: nodes };
}

function layerOf(node: Node, view: GraphView, within: Layer['within'], absorbed: Set<Node>): UnnamedLayer {
  const weights = weightSlots(node).flatMap((slot) => weightsAt(node, slot, view));
  return withBias(node, weights, view, within, absorbed);
}

/** A layer, and the addition behind it that belongs to it. */
function withBias(
  node: Node,
  weights: readonly LayerWeight[],
  view: GraphView,
  within: Layer['within'],
  absorbed: Set<Node>,
): UnnamedLayer {
  const { graph } = view.index;
  const output = node.outputs[0] ?? '';
  const addition =
    LINEAR_OPERATORS.has(node.opType) && weights.length > 0
      ? biasAdditionOf(node, weights, view.index, view.resolver)
      : null;
  if (addition === null) return { node, graph, within, weights, output };
  addition.nodes.forEach((helper) => absorbed.add(helper));
  const scaled = weights.map((weight) =>
    weight.role === 'weight' && addition.scale !== null ? rescaled(weight, addition.scale) : weight,
  );
  const bias = addition.bias === null ? [] : [asLayerWeight(addition.bias, { input: -1, role: 'bias' }, node)];
  return { node, graph, within, weights: [...scaled, ...bias], output: addition.output };
}

function rescaled(weight: LayerWeight, scale: LogicalWeight): LayerWeight {
  const encoding = affineEncoding(weight.stored, scale.stored, weight.outputAxis, null);
  return { ...weight, encoding, scale: scale.stored };
}

/** The weights that a slot of a node holds: mostly one, several where a static value is computed from them. */
function weightsAt(node: Node, slot: WeightSlot, { resolver, statics }: GraphView): LayerWeight[] {
  const value = node.inputs[slot.input] ?? '';
  if (value === '') return [];
  const direct = resolver.weightOf(value);
  if (direct !== null) {
    const weight = slot.zeroPoint === undefined ? direct : selfScaled(node, slot, direct, resolver);
    return counts(weight, slot, node) ? [asLayerWeight(weight, slot, node)] : [];
  }
  if (!isWeighted(node.opType) || !statics.has(value)) return [];
  return statics
    .sources(value)
    .filter((weight) => counts(weight, slot, node))
    .map((weight) => ({ ...weight, role: slot.role, outputAxis: null }));
}

/** Operators whose codes are packed into bytes. */
const PACKED: ReadonlyMap<string, (node: Node, inputs: PackedInputs) => LogicalWeight> = new Map([
  ['MatMulNBits', packedProduct],
  ['GatherBlockQuantized', packedTable],
]);

function selfScaled(node: Node, slot: WeightSlot, codes: LogicalWeight, resolver: WeightResolver): LogicalWeight {
  const stored = (input: number | undefined) =>
    input === undefined ? null : (resolver.weightOf(node.inputs[input] ?? '')?.stored ?? null);
  const scale = stored(slot.scale);
  const zeroPoint = stored(slot.zeroPoint);
  const packed = PACKED.get(node.opType);
  if (packed !== undefined) return packed(node, { codes, scale, zeroPoint });
  return withScale(codes, scale, zeroPoint, slot.outputAxis?.(node, codes.seenShape.length) ?? null);
}

/** Numbers that are learnt: of a floating dtype once unpacked (or int32 biases), and no lone scalar of arithmetic. */
function counts(weight: LogicalWeight, slot: WeightSlot, node: Node): boolean {
  if (slot.role === 'bias' && weight.dtype === 'int32') return true;
  if (!isFloat(weight.dtype)) return false;
  if (isInteger(weight.stored.dtype) && weight.encoding.kind === 'dense' && slot.role === 'other') return false;
  return weight.shape.length > 0 || isWeighted(node.opType);
}

function asLayerWeight(weight: LogicalWeight, slot: WeightSlot, node: Node): LayerWeight {
  const seen = slot.outputAxis?.(node, weight.seenShape.length) ?? null;
  return { ...weight, role: slot.role, outputAxis: seen === null ? null : (weight.axes[seen] ?? null) };
}
