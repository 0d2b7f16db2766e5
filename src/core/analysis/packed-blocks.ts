import { intAttribute } from '../compression/graph/attributes';
import { isInteger } from '../model/dtype';
import { elementsOf, type Node, type Weight } from '../model/model';
import { denseWeight, type LogicalWeight } from './logical-weights';
import { unpackedEncoding, type UnpackedTensor } from './unpacking/unpacked-tensor';

/** What an operator that unpacks codes itself is given. */
export interface PackedInputs {
  readonly codes: LogicalWeight;
  readonly scale: Weight | null;
  readonly zeroPoint: Weight | null;
}

/** Bits of codes that do not lie across bytes. */
const WIDTHS: ReadonlySet<number> = new Set([1, 2, 4, 8]);

/**
 * com.microsoft `MatMulNBits`: codes packed as `[N, blocks, bytes of a block]`, one scale a block. The logical weight is
 * the product's right side `[K, N]`, in blocks down its columns.
 */
export function packedProduct(node: Node, inputs: PackedInputs): LogicalWeight {
  const [rows, columns] = [count(node, 'K'), count(node, 'N')];
  const [bits, block] = [intAttribute(node, 'bits', 4), count(node, 'block_size', 32)];
  const blocks = block === 0 ? 0 : Math.ceil(rows / block);
  return packedWeight(inputs, {
    ...{ shape: [rows, columns], bits, block, axis: 0, isTurned: true },
    ...{ lines: columns, lineCodes: blocks * block, blocks },
    // Its rows are in another order.
    isOrdered: (node.inputs[4] ?? '') === '',
  });
}

/**
 * com.microsoft `GatherBlockQuantized`: a table whose codes are of a 4-bit type or packed into bytes along its last axis,
 * one scale a block of an axis.
 */
export function packedTable(node: Node, inputs: PackedInputs): LogicalWeight {
  const { codes, scale, zeroPoint } = inputs;
  const stored = codes.stored.shape;
  const given = intAttribute(node, 'quantize_axis', 1);
  const axis = given < 0 ? given + stored.length : given;
  const block = count(node, 'block_size', 128);
  if (codes.stored.dtype !== 'uint8') {
    const signed = codes.stored.dtype === 'int4';
    return {
      ...codes,
      ...{ dtype: scale?.dtype ?? 'float32', scale, zeroPoint },
      encoding: { kind: 'affine', bits: 4, signed, axis, block },
    };
  }
  const bits = intAttribute(node, 'bits', 4);
  const perByte = Math.max(1, Math.floor(8 / bits));
  const last = stored.length - 1;
  const length = (stored[last] ?? 0) * perByte;
  const blocks = scale?.shape[last] ?? (block === 0 ? 0 : Math.ceil(length / block));
  return packedWeight(inputs, {
    ...{ shape: stored.map((size, at) => (at === last ? length : size)), bits, block, axis: last, isTurned: false },
    ...{ lines: elementsOf(stored.slice(0, last)), lineCodes: length, blocks },
    isOrdered: axis === last,
  });
}

function count(node: Node, name: string, fallback = 0): number {
  return Math.max(0, intAttribute(node, name, fallback));
}

type Layout = Pick<
  Extract<UnpackedTensor, { kind: 'packed' }>,
  'shape' | 'bits' | 'block' | 'axis' | 'isTurned' | 'lines' | 'lineCodes' | 'blocks'
> & {
  /** False where elements lie in an order that is not looked up here. */
  readonly isOrdered: boolean;
};

function packedWeight({ codes, scale, zeroPoint }: PackedInputs, { isOrdered, ...layout }: Layout): LogicalWeight {
  const isRead =
    isOrdered && scale !== null && WIDTHS.has(layout.bits) && (zeroPoint === null || isInteger(zeroPoint.dtype));
  const unpacking: UnpackedTensor = {
    ...{ kind: 'packed', ...layout, codes: codes.stored, scale: scale ?? NO_SCALE, zeroPoint, isRead },
    signed: zeroPoint === null,
  };
  const { shape } = layout;
  return {
    ...denseWeight(codes.name, codes.stored),
    ...{ shape, seenShape: shape, axes: shape.map((_, axis) => axis) },
    ...{ dtype: scale?.dtype ?? 'float32', encoding: unpackedEncoding(unpacking), scale, zeroPoint },
    unpackedBy: codes.unpackedBy,
    unpacking,
  };
}

const NO_SCALE: Weight = { name: '', dtype: 'float32', shape: [0], data: { kind: 'bytes', bytes: new Uint8Array(0) } };
