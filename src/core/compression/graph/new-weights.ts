import type { DType } from '../../model/dtype';
import type { Weight } from '../../model/model';

type Numbers = Float32Array | Int32Array | Int8Array | Uint8Array | Uint16Array | BigInt64Array;

const BIG_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;

/** An initializer with the numbers in memory. */
export function newWeight(name: string, dtype: DType, shape: readonly number[], numbers: Numbers): Weight {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const little = BIG_ENDIAN ? swapped(bytes, numbers.BYTES_PER_ELEMENT) : bytes;
  return { name, dtype, shape, data: { kind: 'bytes', bytes: little } };
}

export function float32Weight(name: string, shape: readonly number[], numbers: Float32Array): Weight {
  return newWeight(name, 'float32', shape, numbers);
}

/** A one-dimensional int64 tensor: shapes, axes, pads. */
export function int64Weight(name: string, numbers: readonly number[]): Weight {
  return newWeight(
    name,
    'int64',
    [numbers.length],
    BigInt64Array.from(numbers, (number) => BigInt(number)),
  );
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let start = 0; start < copy.length; start += width) copy.subarray(start, start + width).reverse();
  return copy;
}
