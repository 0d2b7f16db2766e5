import { elementsOf } from '../model/model';

/** Typed array that carries each element type. float16 travels as its 16 bits, bool as bytes 0 and 1. */
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** Element types that a session takes and gives. */
export type TensorDType = keyof typeof ARRAYS;
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Values in memory, row-major. Batches and answers only: weights never travel this way. */
export interface Tensor {
  readonly dtype: TensorDType;
  readonly shape: readonly number[];
  /** `elementsOf(shape)` elements of the typed array that belongs to `dtype`. */
  readonly data: TensorData;
}

export function isTensorDType(dtype: string): dtype is TensorDType {
  return Object.hasOwn(ARRAYS, dtype);
}

/** Bytes of one element. */
export function bytesPerElement(dtype: TensorDType): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}

/** A tensor of zeros. */
export function zeros(dtype: TensorDType, shape: readonly number[]): Tensor {
  return { dtype, shape, data: new ARRAYS[dtype](elementsOf(shape)) };
}
