import { isFloat } from '../model/dtype';
import type { Node } from '../model/model';
import { elementsOf } from '../model/model';
import type { GraphIndex } from './graph-order';
import type { LogicalWeight, WeightResolver } from './logical-weights';

/** Operators whose bias is often added by a node of its own. */
export const LINEAR_OPERATORS: ReadonlySet<string> = new Set([
  'Conv',
  'ConvTranspose',
  'MatMul',
  'Gemm',
  'ConvInteger',
  'MatMulInteger',
  'MatMulNBits',
]);

const INTEGER_PRODUCTS: ReadonlySet<string> = new Set(['ConvInteger', 'MatMulInteger']);

/** What follows a product and belongs to its layer. */
export interface BiasAddition {
  readonly bias: LogicalWeight | null;
  /** The weight's scale, where an integer product is scaled afterwards. */
  readonly scale: LogicalWeight | null;
  readonly nodes: readonly Node[];
  readonly output: string;
}

interface WeightShape {
  readonly role: string;
  readonly seenShape: readonly number[];
  readonly outputAxis: number | null;
  readonly shape: readonly number[];
}

/**
 * Follows the only reader of a product's output: the scaling of an integer product, a quantize/dequantize pair,
 * and the addition of one number an output channel. Null where nothing of it is there.
 */
export function biasAdditionOf(
  node: Node,
  weights: readonly WeightShape[],
  index: GraphIndex,
  resolver: WeightResolver,
): BiasAddition | null {
  const main = weights.find((weight) => weight.role === 'weight');
  const outputAxis = main?.outputAxis ?? null;
  if (main === undefined || outputAxis === null) return null;
  const channels = main.shape[outputAxis] ?? 0;
  const scaling = INTEGER_PRODUCTS.has(node.opType) ? integerScaling(node, index, resolver) : null;
  const before = scaling?.output ?? node.outputs[0] ?? '';
  const nodes = [...(scaling?.nodes ?? [])];
  const hasBias = weights.some((weight) => weight.role === 'bias');
  const step = hasBias ? null : additionAfter(before, index);
  const bias = step === null ? null : biasInput(step.node, step.value, node, channels, resolver);
  if (step !== null && bias !== null) nodes.push(step.node);
  if (nodes.length === 0) return null;
  const output = step !== null && bias !== null ? (step.node.outputs[0] ?? before) : before;
  return { bias, scale: scaling?.scale ?? null, nodes, output };
}

function onlyReader(value: string, index: GraphIndex): Node | null {
  const readers = index.consumers.get(value) ?? [];
  return readers.length === 1 && !index.outputNames.has(value) ? (readers[0] ?? null) : null;
}

function additionAfter(value: string, index: GraphIndex): { node: Node; value: string } | null {
  let at = value;
  let reader = onlyReader(at, index);
  for (const conversion of ['QuantizeLinear', 'DequantizeLinear']) {
    if (reader?.opType !== conversion) continue;
    at = reader.outputs[0] ?? '';
    reader = onlyReader(at, index);
  }
  return reader?.opType === 'Add' ? { node: reader, value: at } : null;
}

function biasInput(
  addition: Node,
  value: string,
  product: Node,
  channels: number,
  resolver: WeightResolver,
): LogicalWeight | null {
  const other = addition.inputs.find((name) => name !== value);
  const bias = other === undefined || addition.inputs.length !== 2 ? null : resolver.weightOf(other);
  if (bias === null || !isFloat(bias.dtype) || elementsOf(bias.seenShape) !== channels) return null;
  const axis = bias.seenShape.indexOf(channels);
  const trailing = bias.seenShape.length - 1 - axis;
  // A matrix product puts channels last, a convolution second; the oldest operator sets name the axis instead.
  const matrix = !product.opType.startsWith('Conv');
  const named = addition.attributes.get('axis');
  const fits = matrix ? trailing === 0 : trailing > 0 || (named?.kind === 'int' && named.value === 1);
  return fits || channels === 1 ? bias : null;
}

/** `Mul(Cast(product), Mul(activation scale, weight scale))`, as dynamic quantization writes it. */
function integerScaling(
  node: Node,
  index: GraphIndex,
  resolver: WeightResolver,
): { scale: LogicalWeight | null; nodes: Node[]; output: string } | null {
  const cast = onlyReader(node.outputs[0] ?? '', index);
  if (cast?.opType !== 'Cast') return null;
  const scaled = onlyReader(cast.outputs[0] ?? '', index);
  if (scaled?.opType !== 'Mul') return { scale: null, nodes: [cast], output: cast.outputs[0] ?? '' };
  const scales = scaled.inputs.find((name) => name !== cast.outputs[0]) ?? '';
  const combined = index.producer.get(scales);
  if (combined?.opType !== 'Mul') return { scale: null, nodes: [cast], output: cast.outputs[0] ?? '' };
  const scale = combined.inputs.map((name) => resolver.weightOf(name)).find((weight) => weight !== null) ?? null;
  return { scale, nodes: [cast, combined, scaled], output: scaled.outputs[0] ?? '' };
}
