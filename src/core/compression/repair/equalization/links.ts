import { indexGraph, type GraphIndex } from '../../../analysis/graph-order';
import { constantNumbers } from '../../../analysis/tensor-constants';
import type { Model, Node, Weight } from '../../../model/model';
import { floatAttribute, intAttribute } from '../../graph/attributes';
import { matrixLayers, outputsOf, type MatrixLayer } from '../matrix-layers';

/** Two layers with nothing between them that minds if a channel is scaled by a positive number. */
export interface Link {
  readonly first: MatrixLayer;
  readonly second: MatrixLayer;
  /** Channels between them: outputs of the first. */
  readonly channels: number;
  /** A `Clip` from 0 to a bound between them, which would have to follow; null: there is none. */
  readonly clip: { readonly node: Node; readonly bound: number } | null;
}

/** Operators that give `s y` for `s x`, whatever the channel, with s > 0. */
const HOMOGENEOUS: ReadonlySet<string> = new Set([
  'Relu',
  'LeakyRelu',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'Identity',
  'Flatten',
]);

/** Pairs of layers where nothing else reads what is between them. */
export function findLinks(model: Model): Link[] {
  const index = indexGraph(model.graph);
  const layers = matrixLayers(model);
  const byInput = new Map(layers.map((layer) => [layer.node, layer]));
  return layers.flatMap((first) => (first.sharesBias ? [] : (linkFrom(first, index, byInput) ?? [])));
}

function linkFrom(first: MatrixLayer, index: GraphIndex, layers: ReadonlyMap<Node, MatrixLayer>): Link | null {
  let value = first.output;
  let clip: Link['clip'] = null;
  let flat = first.node.opType !== 'Conv';
  for (let node = onlyReader(value, index); node !== null; node = onlyReader(value, index)) {
    const second = layers.get(node);
    if (second !== undefined && second.input === value) {
      // Convolutions have channels second, products of matrices last.
      if (flat === (second.node.opType === 'Conv')) return null;
      const channels = outputsOf(first.matrix);
      return fits(second, channels) ? { first, second, channels, clip } : null;
    }
    const bound = clipBound(node, index);
    if (bound !== null && bound < Infinity) {
      // Its bounds would lie along the second axis.
      if (clip !== null || first.node.opType === 'MatMul' || (flat && first.node.opType === 'Conv')) return null;
      clip = { node, bound };
    }
    if (bound === null && !isHomogeneous(node)) return null;
    if (node.opType === 'Flatten') {
      if (flat || intAttribute(node, 'axis', 1) !== 1) return null;
      flat = true;
    }
    value = node.outputs[0] ?? '';
  }
  return null;
}

function isHomogeneous(node: Node): boolean {
  if (node.domain !== '' || !HOMOGENEOUS.has(node.opType)) return false;
  // A negative slope of any sign is homogeneous; outputs beside the first (indices) would be read by others.
  return node.outputs.filter((name) => name !== '').length === 1 && Number.isFinite(floatAttribute(node, 'alpha', 0));
}

/** The upper bound of a `Clip` from 0; Infinity where it has none; null for other nodes. */
function clipBound(node: Node, index: GraphIndex): number | null {
  if (node.opType !== 'Clip' || node.domain !== '') return null;
  const low = clipLimit(node, 1, 'min', index, -Infinity);
  const high = clipLimit(node, 2, 'max', index, Infinity);
  return low === 0 && high !== null && high > 0 ? high : null;
}

/**
 * A bound of a `Clip`: since operator set 11 bounds are inputs, before they were attributes. Null where one is computed.
 */
export function clipLimit(
  node: Node,
  input: number,
  attribute: string,
  index: GraphIndex,
  fallback: number,
): number | null {
  const name = node.inputs[input] ?? '';
  if (name === '') return floatAttribute(node, attribute, fallback);
  const weight = index.graph.weights.get(name) ?? constantOf(index.producer.get(name));
  return weight === undefined ? null : (constantNumbers(weight)?.[0] ?? null);
}

function constantOf(node: Node | undefined): Weight | undefined {
  const value = node?.opType === 'Constant' ? node.attributes.get('value') : undefined;
  return value?.kind === 'tensor' ? value.value : undefined;
}

function onlyReader(value: string, index: GraphIndex): Node | null {
  const readers = index.consumers.get(value) ?? [];
  return readers.length === 1 && !index.outputNames.has(value) ? (readers[0] ?? null) : null;
}

function fits({ node, matrix }: MatrixLayer, channels: number): boolean {
  if (node.opType === 'Conv')
    return channels % matrix.groups === 0 && matrix.columns % (channels / matrix.groups) === 0;
  return matrix.columns % channels === 0;
}

/** Which channel of its input a column of a layer's group reads, of so many in all. */
export function channelOfColumn({ matrix }: MatrixLayer, channels: number, group: number, column: number): number {
  const inGroup = channels / matrix.groups;
  return group * inGroup + Math.floor(column / (matrix.columns / inGroup));
}
