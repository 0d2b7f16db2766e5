import type { AffineTensor } from '../../../../compression/encodings/encoded-tensor';
import { intAttribute } from '../../../../compression/graph/attributes';
import type { FreshNames } from '../../../../compression/graph/fresh-names';
import type { DType } from '../../../../model/dtype';
import { elementsOf, type Attribute, type ByteStream, type Node, type Weight } from '../../../../model/model';
import { scaleStream, zeroPointCodes } from '../scale-streams';
import { GENERATED, streamedWeight, type UnpackedWeight } from '../unpacked-weight';
import { packedCodes } from '../unpacking/regrouped';
import { scaleLayout } from '../unpacking/scale-layout';
import { INT4_IR } from './dequantize';

const DOMAIN = 'com.microsoft';
/** ONNX Runtime 1.30 takes powers of two from here on. */
const SMALLEST_BLOCK = 16;
/** Codes of bytes have no type of their own: they are unsigned around this. */
const MIDDLE_BYTE = 128;

/**
 * The block size of `GatherBlockQuantized` for a table, and the axis that its blocks lie along; null for what the
 * operator does not take. It takes codes of 4 bits in blocks along any axis, and of 8 bits along the last; rows with a
 * scale each are rows of one block.
 */
export function tableBlocks({ bits, axis, block, shape }: AffineTensor): { axis: number; block: number } | null {
  const last = shape.length - 1;
  if ((bits !== 4 && bits !== 8) || axis === null || last < 1) return null;
  if (block === null) {
    if (axis !== 0 || last !== 1) return null;
    return { axis: 1, block: Math.max(SMALLEST_BLOCK, 2 ** Math.ceil(Math.log2(shape[1] ?? 1))) };
  }
  const isTaken = block >= SMALLEST_BLOCK && Number.isInteger(Math.log2(block));
  return isTaken && (bits === 4 || axis === last) ? { axis, block } : null;
}

/** True where every node that reads the table looks up in it. */
export function readsTable(readers: readonly Node[], name: string, { bits }: AffineTensor): boolean {
  const looksUp = (node: Node): boolean => {
    const isGather = node.opType === 'Gather' && node.domain === '';
    const isInTable = node.inputs[0] === name && node.inputs[1] !== name;
    // Bytes are looked up by rows only.
    return isGather && isInTable && (bits === 4 || intAttribute(node, 'axis', 0) === 0);
  };
  return readers.length > 0 && readers.every(looksUp);
}

/**
 * A table inside the nodes that look up in it: the runtime dequantizes what was found. The codes keep the table's name.
 * Before IR 10 no file holds 4-bit types, so that it is stated.
 */
export function storeTable(
  readers: readonly Node[],
  tensor: AffineTensor,
  name: string,
  names: FreshNames,
): UnpackedWeight {
  const layout = tableBlocks(tensor) ?? { axis: 0, block: SMALLEST_BLOCK };
  const { bits, signed, shape, symmetric } = tensor;
  const { count } = scaleLayout(tensor);
  const numbers = shape.map((size, at) => (at === layout.axis ? Math.ceil(size / layout.block) : size));
  const dtype: DType = bits === 8 ? 'uint8' : signed ? 'int4' : 'uint4';
  const codes = bits === 8 && signed ? aroundMiddle(tensor.codes) : tensor.codes;
  const weights: Weight[] = [
    streamedWeight(name, dtype, shape, codes),
    streamedWeight(names.numbered(GENERATED), 'float32', numbers, scaleStream(tensor, count)),
  ];
  // Without zero points, bytes have their zero in the middle.
  if (!symmetric || (bits === 8 && !signed)) {
    const points = zeroPointCodes(tensor, elementsOf(numbers));
    const stored = bits === 4 ? packedCodes(points, 4) : signed ? aroundMiddle(points) : points;
    weights.push(streamedWeight(names.numbered(GENERATED), dtype, numbers, stored));
  }
  const integers = { block_size: layout.block, quantize_axis: layout.axis, ...(bits === 8 ? { bits } : {}) };
  const replaced = readers.map((reader): [Node, readonly Node[]] => {
    const stated = { ...integers, gather_axis: intAttribute(reader, 'axis', 0) };
    const [table = '', ...others] = weights.map((weight) => weight.name);
    const node: Node = {
      ...reader,
      opType: 'GatherBlockQuantized',
      domain: DOMAIN,
      inputs: [table, reader.inputs[1] ?? '', ...others],
      attributes: new Map(
        Object.entries(stated).map(([key, value]): [string, Attribute] => [key, { kind: 'int', value }]),
      ),
    };
    return [reader, [node]];
  });
  const needs = { opsets: new Map([[DOMAIN, 1]]), ...(bits === 4 ? { irVersion: INT4_IR } : {}) };
  return { weights, nodes: [], readers: new Map(replaced), needs };
}

/** Signed bytes as unsigned ones. */
function aroundMiddle(codes: ByteStream): ByteStream {
  return {
    byteLength: codes.byteLength,
    async *chunks(signal) {
      for await (const chunk of codes.chunks(signal)) yield Uint8Array.from(chunk, (code) => code ^ MIDDLE_BYTE);
    },
  };
}
