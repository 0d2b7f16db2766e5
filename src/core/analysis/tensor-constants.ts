import { fromFloat16 } from '../model/float16';
import type { Weight } from '../model/model';
import { elementsOf } from '../model/model';

/** Constants that steer shapes (targets of Reshape, axes, pads) are short; longer tensors are data. */
const MAX_CONSTANT_ELEMENTS = 4096;

type Decode = (view: DataView, index: number) => number;

const DECODERS: Partial<Record<Weight['dtype'], { bytes: number; decode: Decode }>> = {
  float64: { bytes: 8, decode: (view, index) => view.getFloat64(index * 8, true) },
  float32: { bytes: 4, decode: (view, index) => view.getFloat32(index * 4, true) },
  float16: { bytes: 2, decode: (view, index) => fromFloat16(view.getUint16(index * 2, true)) },
  int64: { bytes: 8, decode: (view, index) => Number(view.getBigInt64(index * 8, true)) },
  uint64: { bytes: 8, decode: (view, index) => Number(view.getBigUint64(index * 8, true)) },
  int32: { bytes: 4, decode: (view, index) => view.getInt32(index * 4, true) },
  uint32: { bytes: 4, decode: (view, index) => view.getUint32(index * 4, true) },
  int16: { bytes: 2, decode: (view, index) => view.getInt16(index * 2, true) },
  uint16: { bytes: 2, decode: (view, index) => view.getUint16(index * 2, true) },
  int8: { bytes: 1, decode: (view, index) => view.getInt8(index) },
  uint8: { bytes: 1, decode: (view, index) => view.getUint8(index) },
  bool: { bytes: 1, decode: (view, index) => view.getUint8(index) },
};

/**
 * The numbers of a small tensor whose bytes are in memory, in row-major order; null where they are not,
 * or where the tensor is too long to be a shape constant. 64-bit integers beyond 2^53 lose their low bits.
 */
export function constantNumbers(weight: Weight): number[] | null {
  const decoder = DECODERS[weight.dtype];
  if (weight.data.kind !== 'bytes' || decoder === undefined) return null;
  const elements = elementsOf(weight.shape);
  const { bytes } = weight.data;
  if (elements > MAX_CONSTANT_ELEMENTS || bytes.byteLength < elements * decoder.bytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: elements }, (_, index) => decoder.decode(view, index));
}
