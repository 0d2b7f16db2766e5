import { elementsOf, type Node } from '../../../model/model';
import { intsAttribute } from '../../graph/attributes';
import { outputsOf } from '../matrix-layers';
import { carriedBy, type Place } from './carriers';
import type { GraphFacts } from './graph-facts';
import { disjoint, pickOf, type Pick } from './picks';
import { biasSide, columnsAxis, rowsAxis, type Space, type WeightSide } from './space';

/**
 * The values of attention heads: the layer that makes them writes them, the layer after the weighted sum reads them, and
 * the sum mixes positions, not channels. Every head is rotated alike.
 */
export function findHeads(facts: GraphFacts): Space[] {
  return facts.index.order.flatMap((node) => headsOf(node, facts) ?? []);
}

function headsOf(product: Node, facts: GraphFacts): Space | null {
  const [weights = '', values = ''] = product.inputs;
  if (product.opType !== 'MatMul' || product.domain !== '') return null;
  if ([weights, values].some((name) => facts.model.graph.weights.has(name))) return null;
  const shape = facts.shape(values);
  const size = shape?.at(-1);
  if (shape === null || typeof size !== 'number' || size < 2) return null;
  const written = writtenSides({ value: values, axis: shape.length - 1 }, size, facts);
  const read = written === null ? null : readSide(product.outputs[0] ?? '', size, facts);
  if (written === null || read === null) return null;
  return { size, keepsMean: false, sides: [...written, read], normalizations: [] };
}

/** Forward from the weighted sum: heads are put side by side along the last axis, which one layer reads. */
function readSide(sum: string, size: number, facts: GraphFacts): WeightSide | null {
  let place: Place = { value: sum, axis: (facts.shape(sum)?.length ?? 0) - 1 };
  for (;;) {
    const node = onlyReader(place.value, facts);
    if (node === null) return null;
    const layer = facts.layerReading(node, place.value);
    const rank = facts.shape(place.value)?.length ?? 0;
    if (layer !== null) {
      const { columns } = layer.matrix;
      if (layer.node.opType === 'Conv' || place.axis !== rank - 1 || columns % size !== 0) return null;
      return { weight: layer.weight, role: 'reads', axis: columnsAxis(layer), starts: multiples(size, columns) };
    }
    const next = merged(node, place, size, facts) ?? carriedBy(node, place, facts)?.outputs[0];
    if (next === undefined) return null;
    place = next;
  }
}

/** A `Reshape` that ends with the heads side by side: the channel of a head is what its last axis had. */
function merged(node: Node, { value, axis }: Place, size: number, facts: GraphFacts): Place | null {
  const rank = facts.shape(value)?.length ?? 0;
  const to = facts.shape(node.outputs[0] ?? '');
  const last = to?.at(-1);
  if (node.opType !== 'Reshape' || axis !== rank - 1 || to === null || typeof last !== 'number') return null;
  return last % size === 0 ? { value: node.outputs[0] ?? '', axis: to.length - 1 } : null;
}

/**
 * Back from the values to the layer that makes them: a `Reshape` splits its outputs into heads, and often one layer
 * makes queries and keys beside them, of which `Split`, `Slice` or `Gather` takes the values.
 */
function writtenSides(values: Place, size: number, facts: GraphFacts): WeightSide[] | null {
  let place = values;
  let picks: readonly Pick[] = [];
  if (onlyReader(place.value, facts) === null) return null;
  for (;;) {
    const layer = facts.layerMaking(place.value);
    if (layer !== null) {
      const atEnd = place.axis === (facts.shape(place.value)?.length ?? 0) - 1;
      return picks.length === 0 && atEnd ? layerSides(place.value, [0], size, facts) : null;
    }
    const node = facts.index.producer.get(place.value);
    if (node === undefined) return null;
    const split = splitBlocks(node, place, picks, size, facts);
    if (split !== null) return layerSides(node.inputs[0] ?? '', split, size, facts);
    const before = stepBack(node, place, picks, facts);
    if (before === null) return null;
    ({ place, picks } = before);
  }
}

interface Step {
  readonly place: Place;
  /** Ranges along other axes of the place's value that become the values of heads. */
  readonly picks: readonly Pick[];
}

function stepBack(node: Node, place: Place, picks: readonly Pick[], facts: GraphFacts): Step | null {
  const pick = pickOf(node, place.value, facts);
  if (pick !== null) return pickedStep(node, pick, place, picks, facts);
  const before = carriedBy(node, place, facts)?.inputs;
  const input = before?.[0];
  if (before?.length !== 1 || input === undefined || onlyReader(input.value, facts) === null) return null;
  if (picks.length === 0) return { place: input, picks };
  const order = node.opType === 'Transpose' ? intsAttribute(node, 'perm') : null;
  if (order === null) return null;
  return { place: input, picks: picks.map((each) => ({ ...each, axis: order[each.axis] ?? each.axis })) };
}

function pickedStep(node: Node, pick: Pick, place: Place, picks: readonly Pick[], facts: GraphFacts): Step | null {
  const value = node.inputs[0] ?? '';
  const shift = (axis: number): number => (pick.drops && axis >= pick.axis ? axis + 1 : axis);
  const axis = shift(place.axis);
  const others = facts.readers(value).filter((reader) => reader !== node);
  const apart = others.every((reader) => {
    const taken = pickOf(reader, reader.outputs[0] ?? '', facts);
    return reader.opType !== 'Split' && taken !== null && disjoint(taken, pick);
  });
  if (!apart || axis === pick.axis || facts.index.outputNames.has(value)) return null;
  const moved = picks.map((each) => ({ ...each, axis: shift(each.axis) }));
  return { place: { value, axis }, picks: [...moved, pick] };
}

/** First channels of the blocks that a `Reshape` makes heads of, among the outputs of a layer; null for other nodes. */
function splitBlocks(
  node: Node,
  { value, axis }: Place,
  picks: readonly Pick[],
  size: number,
  facts: GraphFacts,
): number[] | null {
  const to = facts.shape(value);
  const channels = facts.shape(node.inputs[0] ?? '')?.at(-1);
  if (node.opType !== 'Reshape' || to === null || axis !== to.length - 1 || typeof channels !== 'number') return null;
  let first = axis;
  let sizes: number[] = [size];
  while (elementsOf(sizes) < channels && first > 0) {
    const dimension = to[--first];
    if (typeof dimension !== 'number') return null;
    sizes = [dimension, ...sizes];
  }
  if (elementsOf(sizes) !== channels || sizes.length < 2 || picks.some((pick) => pick.axis < first)) return null;
  return multiples(size, channels).filter((start) => isPicked(start, sizes, first, picks));
}

/** `first`: the axis that the first of the sizes has. */
function isPicked(start: number, sizes: readonly number[], first: number, picks: readonly Pick[]): boolean {
  return picks.every(({ axis, from, to }) => {
    const at = axis - first;
    const index = Math.floor(start / elementsOf(sizes.slice(at + 1))) % (sizes[at] ?? 1);
    return index >= from && index < to;
  });
}

/** The outputs of the layer that makes a value which nothing else reads. */
function layerSides(value: string, starts: readonly number[], size: number, facts: GraphFacts): WeightSide[] | null {
  const layer = facts.layerMaking(value);
  if (layer === null || layer.node.opType === 'Conv' || layer.sharesBias || onlyReader(value, facts) === null)
    return null;
  if (starts.length === 0 || outputsOf(layer.matrix) % size !== 0) return null;
  const bias = biasSide(layer, starts);
  return [{ weight: layer.weight, role: 'writes', axis: rowsAxis(layer), starts }, ...(bias === null ? [] : [bias])];
}

function onlyReader(value: string, facts: GraphFacts): Node | null {
  const readers = facts.readers(value);
  return readers.length === 1 && !facts.index.outputNames.has(value) ? (readers[0] ?? null) : null;
}

function multiples(size: number, end: number): number[] {
  return Array.from({ length: Math.floor(end / size) }, (_, block) => block * size);
}
