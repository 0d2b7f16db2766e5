import type { AffineTensor } from '../../../compression/encodings/encoded-tensor';
import type { FreshNames } from '../../../compression/graph/fresh-names';
import { newNode } from '../../../compression/graph/new-nodes';
import type { DType } from '../../../model/dtype';
import type { Node, Weight } from '../../../model/model';
import { floatZeroPoints, scaleStream } from './scale-streams';
import { castNode, GENERATED, streamedWeight, type UnpackedWeight } from './unpacked-weight';

/**
 * 8-bit codes, `Cast` to float32 and `Mul` by scales that broadcast: ONNX Runtime computes it once, when it loads the
 * model. `DequantizeLinear` would stay in the graph and run at each inference, since the runtime keeps it for fusions
 * that convolutions with float inputs do not have.
 */
export function storeProduct(weight: Weight, tensor: AffineTensor, name: string, names: FreshNames): UnpackedWeight {
  const codes = codesOf(tensor, names);
  const scale = scaleOf(tensor, broadcastShape(tensor), names);
  const weights: Weight[] = [codes, scale];
  const nodes: Node[] = [];
  const value = () => names.numbered(GENERATED);
  let factor = value();
  nodes.push(castNode(codes.name, factor, 'float32'));
  if (!tensor.symmetric) {
    const zeroPoint = streamedWeight(
      names.numbered(GENERATED),
      'float32',
      broadcastShape(tensor),
      floatZeroPoints(tensor, channelsOf(tensor)),
    );
    const difference = value();
    weights.push(zeroPoint);
    nodes.push(newNode('Sub', [factor, zeroPoint.name], [difference]));
    factor = difference;
  }
  const isFloat32 = weight.dtype === 'float32';
  const product = isFloat32 ? name : value();
  nodes.push(newNode('Mul', [factor, scale.name], [product]));
  if (!isFloat32) nodes.push(castNode(product, name, weight.dtype));
  return { weights, nodes };
}

function codesOf(tensor: AffineTensor, names: FreshNames): Weight {
  const dtype: DType = tensor.signed ? 'int8' : 'uint8';
  return streamedWeight(names.numbered(GENERATED), dtype, tensor.shape, tensor.codes);
}

function scaleOf(tensor: AffineTensor, shape: readonly number[], names: FreshNames): Weight {
  return streamedWeight(names.numbered(GENERATED), 'float32', shape, scaleStream(tensor, channelsOf(tensor)));
}

function channelsOf(tensor: AffineTensor): number {
  return tensor.axis === null ? 1 : (tensor.shape[tensor.axis] ?? 1);
}

/** [C, 1, 1, 1] along the first axis; a single number where there is one scale. */
function broadcastShape(tensor: AffineTensor): number[] {
  if (tensor.axis === null) return [];
  return tensor.shape.map((length, axis) => (axis === tensor.axis ? length : 1));
}
