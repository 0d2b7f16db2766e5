import type { AffineTensor } from '../../../../compression/encodings/encoded-tensor';
import type { FreshNames } from '../../../../compression/graph/fresh-names';
import { newNode } from '../../../../compression/graph/new-nodes';
import type { DType } from '../../../../model/dtype';
import type { Attribute, Weight } from '../../../../model/model';
import { packedCodes } from '../unpacking/regrouped';
import { zeroPointCodes, scaleStream } from '../scale-streams';
import { scaleLayout } from '../unpacking/scale-layout';
import { castNode, GENERATED, streamedWeight, type UnpackedWeight } from '../unpacked-weight';

/** `DequantizeLinear` scales along an axis from here on. */
export const DEQUANTIZE_OPSET = 13;
/** From here on it knows 4-bit codes and blocks. */
export const BLOCKS_OPSET = 21;
/** Files with 4-bit types are of this version and later. */
export const INT4_IR = 10;

/** The first operator set whose `DequantizeLinear` holds such codes; null where none does. */
export function dequantizeOpset(bits: number, block: number | null): number | null {
  if (bits !== 8 && bits !== 4) return null;
  return bits === 4 || block !== null ? BLOCKS_OPSET : DEQUANTIZE_OPSET;
}

/**
 * Codes of 8 or 4 bits with `DequantizeLinear`. For the matrix products that ONNX Runtime fuses with it (see `uses.ts`)
 * one kernel is made of both, three times as fast as float32 for a single row, with a quarter of the memory; elsewhere
 * the runtime computes it at each inference.
 */
export function storeDequantize(weight: Weight, tensor: AffineTensor, name: string, names: FreshNames): UnpackedWeight {
  const { axis, bits, block, shape } = tensor;
  const dtype: DType = bits === 4 ? (tensor.signed ? 'int4' : 'uint4') : tensor.signed ? 'int8' : 'uint8';
  const { count } = scaleLayout(tensor);
  const numbers = scaleShape(tensor);
  const weights: Weight[] = [
    streamedWeight(names.numbered(GENERATED), dtype, shape, tensor.codes),
    streamedWeight(names.numbered(GENERATED), 'float32', numbers, scaleStream(tensor, count)),
  ];
  if (!tensor.symmetric) {
    const codes = zeroPointCodes(tensor, count);
    const stream = bits === 4 ? packedCodes(codes, 4) : codes;
    weights.push(streamedWeight(names.numbered(GENERATED), dtype, numbers, stream));
  }
  const attributes: Record<string, Attribute> = axis === null ? {} : { axis: { kind: 'int', value: axis } };
  if (block !== null) attributes['block_size'] = { kind: 'int', value: block };
  const isFloat32 = weight.dtype === 'float32';
  const real = isFloat32 ? name : names.numbered(GENERATED);
  const inputs = weights.map((made) => made.name);
  const nodes = [newNode('DequantizeLinear', inputs, [real], attributes)];
  if (!isFloat32) nodes.push(castNode(real, name, weight.dtype));
  return { weights, nodes, ...(bits === 4 ? { needs: { irVersion: INT4_IR } } : {}) };
}

/** One number, one a channel, or one a block. */
function scaleShape({ axis, block, shape }: AffineTensor): number[] {
  if (axis === null) return [];
  if (block === null) return [shape[axis] ?? 1];
  return shape.map((size, at) => (at === axis ? Math.ceil(size / block) : size));
}
