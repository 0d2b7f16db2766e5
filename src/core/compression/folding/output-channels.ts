import { elementsOf, type Node } from '../../model/model';
import { floatAttribute, intAttribute } from '../graph/attributes';

/** Where a layer's outputs lie in its weight: element `i` belongs to channel `(i / run % perGroup) + group(i) * perGroup`. */
export interface OutputChannels {
  readonly count: number;
  /** Contiguous elements of one channel. */
  readonly run: number;
  /** Channels of one group. */
  readonly perGroup: number;
  /** Elements of one group. */
  readonly groupElements: number;
}

/**
 * Output channels of a `Conv` (axis 0), a `ConvTranspose` (axis 1 within each group of input channels) or a `Gemm`
 * (axis 0 with `transB`, otherwise 1; alpha and beta 1); null for other operators and for shapes they cannot have.
 */
export function outputChannels(node: Node, shape: readonly number[]): OutputChannels | null {
  if (node.domain !== '') return null;
  const elements = elementsOf(shape);
  const first = shape[0] ?? 0;
  const second = shape[1] ?? 0;
  if (elements === 0 || shape.length < 2) return null;
  if (node.opType === 'Conv') {
    return { count: first, run: elements / first, perGroup: first, groupElements: elements };
  }
  if (node.opType === 'ConvTranspose') {
    const groups = intAttribute(node, 'group', 1);
    if (groups < 1 || first % groups !== 0) return null;
    const run = elementsOf(shape.slice(2));
    return { count: second * groups, run, perGroup: second, groupElements: elements / groups };
  }
  if (node.opType !== 'Gemm' || shape.length !== 2 || !isPlainGemm(node)) return null;
  if (intAttribute(node, 'transB', 0) !== 0) {
    return { count: first, run: second, perGroup: first, groupElements: elements };
  }
  return { count: second, run: 1, perGroup: second, groupElements: elements };
}

/** Multiplies every weight by its channel's factor, in place. */
export function scaleChannels(values: Float32Array, channels: OutputChannels, factor: Float64Array): void {
  const { run, perGroup, groupElements } = channels;
  for (let i = 0; i < values.length; i++) {
    const group = Math.floor(i / groupElements);
    const channel = group * perGroup + (Math.floor(i / run) % perGroup);
    values[i] = (values[i] ?? 0) * (factor[channel] ?? 1);
  }
}

/** `Y = A * B + C`, with nothing multiplied in. */
export function isPlainGemm(node: Node): boolean {
  return floatAttribute(node, 'alpha', 1) === 1 && floatAttribute(node, 'beta', 1) === 1;
}
