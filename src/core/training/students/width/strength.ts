import { intAttribute } from '../../../compression/graph/attributes';
import { readFloats } from '../../../compression/graph/float-weights';
import type { WeightReader } from '../../../formats/weight-reader';
import { elementsOf, type Model, type Node } from '../../../model/model';
import type { Axis, Channels } from './axis';
import { eachPosition, type KeptChannels } from './kept-channels';

/** Which axis of a layer's weight its outputs are on. */
function outputAxis(node: Node): number | null {
  switch (node.opType) {
    case 'Conv':
      return 0;
    case 'ConvTranspose':
    case 'MatMul':
      return 1;
    case 'Gemm':
      return intAttribute(node, 'transB', 0) === 0 ? 1 : 0;
    case 'BatchNormalization':
      return 0;
    default:
      return null;
  }
}

/**
 * The strongest channels: by the L2 norm of what makes them, summed over all layers that do (those that a residual sum
 * joins), each layer's norms divided by their mean, so that none outweighs the others (Li et al. 2017).
 * @param width share of the channels that stay; at least one does
 */
export async function strongest(
  model: Model,
  axes: ReadonlyMap<string, readonly Axis[]>,
  wanted: ReadonlySet<Channels>,
  width: number,
  reader: WeightReader,
): Promise<KeptChannels> {
  const strength = new Map<Channels, Float64Array>();
  for (const channels of wanted) strength.set(channels, new Float64Array(channels.size));
  for (const node of model.graph.nodes) {
    const weight = model.graph.weights.get(node.inputs[1] ?? '');
    const along = outputAxis(node);
    const axis = along === null ? undefined : axes.get(weight?.name ?? '')?.[along];
    if (!weight || along === null || !axis) continue;
    const norms = normsAlong(await readFloats(reader, weight), weight.shape, along);
    const mean = norms.reduce((sum, norm) => sum + norm, 0) / norms.length || 1;
    eachPosition(axis, (position, channels, at) => {
      const sums = strength.get(channels);
      if (sums) sums[at] = (sums[at] ?? 0) + (norms[position] ?? 0) / mean;
    });
  }
  const kept = new Map<Channels, Int32Array>();
  for (const [channels, sums] of strength) {
    const count = Math.max(1, Math.round(channels.size * width));
    const order = [...sums.keys()].sort((a, b) => (sums[b] ?? 0) - (sums[a] ?? 0) || a - b);
    kept.set(channels, Int32Array.from(order.slice(0, count)).sort());
  }
  return kept;
}

/** L2 norms of the slices along an axis. */
function normsAlong(values: Float32Array, shape: readonly number[], axis: number): Float64Array {
  const length = shape[axis] ?? 1;
  const inner = elementsOf(shape.slice(axis + 1));
  const squares = new Float64Array(length);
  for (let at = 0; at < values.length; at++) {
    const position = Math.floor(at / inner) % length;
    squares[position] = (squares[position] ?? 0) + (values[at] ?? 0) ** 2;
  }
  return squares.map(Math.sqrt);
}
