import { indexGraph, type GraphIndex } from '../../../analysis/graph-order';
import { elementsOf, type Model, type Node, type Weight } from '../../../model/model';
import { intAttribute } from '../../graph/attributes';
import { channelOfColumn, findLinks } from '../equalization/links';
import { matrixLayers, type MatrixLayer } from '../matrix-layers';

/**
 * A value whose channels can be divided by numbers before the layers that read it, where weights take that in, and its
 * readers multiplied by them: the model computes the same.
 */
export interface ScalableInput {
  readonly value: string;
  readonly channels: number;
  /** Every layer that reads it. */
  readonly readers: readonly MatrixLayer[];
  /** Weights with one number a channel that are divided: scale and bias of a normalization, a vector that is added. */
  readonly vectors: readonly Weight[];
  /** A layer whose outputs are divided; null: the vectors do it. */
  readonly maker: MatrixLayer | null;
}

/** Normalizations over the last axis whose second input is a scale, whose third a bias. */
export const NORMALIZATIONS: ReadonlySet<string> = new Set([
  'LayerNormalization',
  'RMSNormalization',
  'SimplifiedLayerNormalization',
]);

/** Values that normalizations, products with a vector, or other layers make. */
export function scalableInputs(model: Model): ScalableInput[] {
  const index = indexGraph(model.graph);
  const layers = matrixLayers(model);
  const found: ScalableInput[] = [];
  for (const value of new Set(layers.map(({ input }) => input))) {
    const readers = layers.filter(({ node, input }) => input === value && node.opType !== 'Conv');
    const columns = readers[0]?.matrix.columns ?? 0;
    if (readers.length === 0 || readers.length !== index.consumers.get(value)?.length) continue;
    const vectors = index.outputNames.has(value) ? null : makingVectors(value, columns, index);
    if (vectors !== null) found.push({ value, channels: columns, readers, vectors, maker: null });
  }
  for (const { first, second, channels, clip } of findLinks(model)) {
    if (clip !== null) continue;
    const vectors = first.bias === null ? [] : [first.bias];
    found.push({ value: second.input, channels, readers: [second], vectors, maker: first });
  }
  return found;
}

/** The vectors to divide so that the value is divided; null where there are none that nothing else reads. */
function makingVectors(value: string, channels: number, index: GraphIndex): Weight[] | null {
  const maker = index.producer.get(value);
  if (maker === undefined) return null;
  if (NORMALIZATIONS.has(maker.opType)) return normalizationVectors(maker, value, channels, index);
  if (maker.domain !== '' || (maker.opType !== 'Mul' && maker.opType !== 'Add')) return null;
  const vector = maker.inputs.map((name) => ownVector(name, channels, index)).find((weight) => weight !== null);
  if (vector === undefined || vector === null) return null;
  if (maker.opType === 'Mul') return [vector];
  const summand = maker.inputs.find((name) => name !== vector.name) ?? '';
  if (index.consumers.get(summand)?.length !== 1 || index.outputNames.has(summand)) return null;
  const factors = index.producer.get(summand)?.opType === 'Mul' ? makingVectors(summand, channels, index) : null;
  return factors === null ? null : [...factors, vector];
}

function normalizationVectors(node: Node, value: string, channels: number, index: GraphIndex): Weight[] | null {
  const axis = intAttribute(node, 'axis', -1);
  const scale = ownVector(node.inputs[1] ?? '', channels, index);
  // Over several axes the scale has more elements than the layers' columns.
  if (node.outputs[0] !== value || (axis !== -1 && scale?.shape.length !== 1) || scale === null) return null;
  const biasName = node.inputs[2] ?? '';
  if (biasName === '') return [scale];
  const bias = ownVector(biasName, channels, index);
  return bias === null ? null : [scale, bias];
}

/** A float32 initializer along the last axis that one node reads. */
function ownVector(name: string, channels: number, index: GraphIndex): Weight | null {
  const weight = index.graph.weights.get(name);
  if (weight?.dtype !== 'float32' || index.consumers.get(name)?.length !== 1 || index.outputNames.has(name))
    return null;
  return elementsOf(weight.shape) === channels && weight.shape.at(-1) === channels ? weight : null;
}

/** The channel of each column of one group of a reader. */
export function columnChannels(reader: MatrixLayer, channels: number, group: number): Int32Array {
  return Int32Array.from({ length: reader.matrix.columns }, (_, column) =>
    channelOfColumn(reader, channels, group, column),
  );
}
