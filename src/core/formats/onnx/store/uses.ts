import type { GraphIndex } from '../../../analysis/graph-order';
import type { AffineTensor } from '../../../compression/encodings/encoded-tensor';
import { floatAttribute, intAttribute } from '../../../compression/graph/attributes';
import type { Node } from '../../../model/model';

/** What is known of a graph whose weights are stored anew. */
export interface GraphUses {
  readonly index: GraphIndex;
  /** The lengths of a value's axes, a text for those that vary; null where their number is not known. */
  shapeOf(value: string): readonly (number | string | null)[] | null;
}

/** Nodes that ONNX Runtime removes before it looks for fusions. */
const REMOVED: ReadonlySet<string> = new Set(['Identity', 'Dropout', 'Cast']);
/** Nodes that it takes for the clipping of a quantized operator, and then fuses only with a `QuantizeLinear` behind. */
const CLIPPING: ReadonlySet<string> = new Set(['Relu', 'Clip']);

/**
 * True where ONNX Runtime (1.30, by its optimized graphs) makes `MatMulNBits` of `DequantizeLinear` and its one reader:
 * the right side of a product with scales along its columns, where what follows does not get in the way. Everywhere
 * else the weight would be dequantized at each inference, so that the answer is false in doubt.
 */
export function fusesWithDequantize(uses: GraphUses, name: string, tensor: AffineTensor): boolean {
  const { index } = uses;
  const readers = index.consumers.get(name) ?? [];
  const [reader] = readers;
  if (readers.length !== 1 || reader === undefined || index.outputNames.has(name)) return false;
  if (tensor.shape.length !== 2 || (tensor.axis !== null && tensor.axis !== 1)) return false;
  if (reader.inputs.indexOf(name) !== 1 || reader.inputs.lastIndexOf(name) !== 1) return false;
  const product = reader.outputs[0] ?? '';
  if (!isPlainProduct(reader, index) || isClipped(index, product)) return false;
  return reader.opType === 'Gemm' || surviveAddition(uses, product);
}

function isPlainProduct(node: Node, index: GraphIndex): boolean {
  if (node.domain !== '') return false;
  if (node.opType === 'MatMul') return true;
  if (node.opType !== 'Gemm') return false;
  const plain = intAttribute(node, 'transA', 0) === 0 && intAttribute(node, 'transB', 0) === 0;
  const [, , bias = ''] = node.inputs;
  const unscaled = floatAttribute(node, 'alpha', 1) === 1 && floatAttribute(node, 'beta', 1) === 1;
  return plain && unscaled && (bias === '' || index.graph.weights.get(bias)?.shape.length === 1);
}

/**
 * An addition behind a product of matrices is drawn into a `Gemm` first, which fuses with vectors only, and not when it
 * is clipped. Products of more dimensions are no `Gemm`.
 */
function surviveAddition({ index, shapeOf }: GraphUses, product: string): boolean {
  const [reader, ...others] = edgesOf(index, product);
  if (reader?.opType !== 'Add' || others.length > 0) return true;
  if ((shapeOf(product)?.length ?? 0) > 2) return true;
  const isVector = reader.inputs.some((input) => (index.graph.weights.get(input)?.shape.length ?? 2) <= 1);
  return isVector && !isClipped(index, reader.outputs[0] ?? '');
}

/** One clipping node is all that reads the value, and one node all that reads that. */
function isClipped(index: GraphIndex, value: string): boolean {
  const [reader, ...others] = edgesOf(index, value);
  if (reader === undefined || others.length > 0 || !CLIPPING.has(reader.opType)) return false;
  const clipped = reader.outputs[0] ?? '';
  return !index.outputNames.has(clipped) && edgesOf(index, clipped).length === 1;
}

/** A node for each time that it reads the value, through nodes that will be removed. */
function edgesOf(index: GraphIndex, value: string): Node[] {
  return (index.consumers.get(value) ?? []).flatMap((node) => {
    const output = node.outputs[0] ?? '';
    const isRemoved = REMOVED.has(node.opType) && node.outputs.length === 1 && !index.outputNames.has(output);
    if (isRemoved && output !== value) return edgesOf(index, output);
    return new Array<Node>(Math.max(1, node.inputs.filter((input) => input === value).length)).fill(node);
  });
}
