import type { GraphIndex } from '../../../analysis/graph-order';
import type { AffineTensor } from '../../../compression/encodings/encoded-tensor';
import { floatAttribute, intAttribute } from '../../../compression/graph/attributes';
import type { Node } from '../../../model/model';

/**
 * True where ONNX Runtime (1.30) fuses `DequantizeLinear` and its one reader into `MatMulNBits`: the right side of a
 * product of matrices with scales along its columns. Everywhere else it would be dequantized at each inference.
 */
export function fusesWithDequantize(index: GraphIndex, name: string, tensor: AffineTensor): boolean {
  const readers = index.consumers.get(name) ?? [];
  const [reader] = readers;
  if (readers.length !== 1 || reader === undefined || index.outputNames.has(name)) return false;
  if (tensor.shape.length !== 2 || (tensor.axis !== null && tensor.axis !== 1)) return false;
  return isPlainProduct(reader) && reader.inputs.indexOf(name) === 1 && reader.inputs.lastIndexOf(name) === 1;
}

function isPlainProduct(node: Node): boolean {
  if (node.domain !== '') return false;
  if (node.opType === 'MatMul') return true;
  if (node.opType !== 'Gemm') return false;
  const plain = intAttribute(node, 'transA', 0) === 0 && intAttribute(node, 'transB', 0) === 0;
  return plain && floatAttribute(node, 'alpha', 1) === 1 && floatAttribute(node, 'beta', 1) === 1;
}
