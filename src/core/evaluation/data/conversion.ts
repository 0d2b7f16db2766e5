import { bytesPerElement, type TensorData, type TensorDType, zeros } from '../../runtime/tensor';
import { fromFloat16, toFloat16 } from '../../model/float16';

/** `(raw * scale - mean) / deviation`, mean and deviation for each value of a sample. */
export interface Affine {
  readonly scale: number;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** Numbers as doubles; 64-bit integers lose what doubles cannot hold. */
export function toDoubles(dtype: TensorDType, values: TensorData): Float64Array {
  if (dtype === 'float16' && values instanceof Uint16Array) return Float64Array.from(values, fromFloat16);
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float64Array.from(values, Number);
  return new Float64Array(values);
}

const FLOATS: readonly TensorDType[] = ['float32', 'float64', 'float16'];

export function isFloatTensor(dtype: TensorDType): boolean {
  return FLOATS.includes(dtype);
}

/** Whether every value of type `from` is kept, or rounded to a float, as `to`. Ranges are checked value by value. */
export function convertible(from: TensorDType, to: TensorDType): boolean {
  return isFloatTensor(to) || from === to || (!isFloatTensor(from) && to !== 'bool');
}

/** A value that the target's type cannot hold. */
export class UnfitValue extends Error {
  constructor(
    readonly index: number,
    readonly value: string,
  ) {
    super(value);
  }
}

/**
 * Samples of `sample` values each as `to`, reordered by `gather` (position in the sample that each value comes from).
 * @throws UnfitValue for NaN, and for integers outside the target's range.
 */
export function convert(
  from: TensorDType,
  values: TensorData,
  to: TensorDType,
  sample: number,
  gather: Int32Array | null,
  affine: Affine | null,
): TensorData {
  if (to === 'float32' && (values instanceof Uint8Array || values instanceof Float32Array)) {
    return toFloats(values, sample, gather, affine);
  }
  const bigints = values instanceof BigInt64Array || values instanceof BigUint64Array;
  if (bigints && from === to && gather === null) return values;
  const doubles = gathered(toDoubles(from, values), sample, gather);
  if (affine !== null) applyAffine(doubles, sample, affine);
  return fromDoubles(doubles, to);
}

/** What nearly all data takes, bytes or floats to floats, in one pass. */
function toFloats(
  values: Uint8Array | Float32Array,
  sample: number,
  gather: Int32Array | null,
  affine: Affine | null,
): Float32Array {
  const out = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += sample) {
    for (let index = 0; index < sample; index++) {
      const raw = values[start + (gather === null ? index : (gather[index] ?? 0))] ?? 0;
      const value = affine === null ? raw : scaled(raw, index, affine);
      if (Number.isNaN(value)) throw new UnfitValue(start + index, 'NaN');
      out[start + index] = value;
    }
  }
  return out;
}

function scaled(raw: number, index: number, { scale, mean, deviation }: Affine): number {
  return (raw * scale - (mean[index] ?? 0)) / (deviation[index] ?? 1);
}

function gathered(values: Float64Array, sample: number, gather: Int32Array | null): Float64Array {
  if (gather === null) return values;
  const out = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += sample) {
    for (let index = 0; index < sample; index++) out[start + index] = values[start + (gather[index] ?? 0)] ?? 0;
  }
  return out;
}

function applyAffine(values: Float64Array, sample: number, affine: Affine): void {
  for (let index = 0; index < values.length; index++) {
    values[index] = scaled(values[index] ?? 0, index % sample, affine);
  }
}

function fromDoubles(values: Float64Array, to: TensorDType): TensorData {
  const unfit = isFloatTensor(to) ? values.findIndex(Number.isNaN) : values.findIndex((value) => !fits(value, to));
  if (unfit >= 0) throw new UnfitValue(unfit, String(values[unfit]));
  if (to === 'float64') return values;
  const { data } = zeros(to, [values.length]);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    values.forEach((value, index) => (data[index] = BigInt(value)));
  } else if (to === 'float16') {
    values.forEach((value, index) => (data[index] = toFloat16(value)));
  } else {
    data.set(values);
  }
  return data;
}

function fits(value: number, to: TensorDType): boolean {
  if (!Number.isInteger(value)) return false;
  if (to === 'bool') return value === 0 || value === 1;
  const bits = bytesPerElement(to) * 8;
  return to.startsWith('u')
    ? value >= 0 && value <= 2 ** bits - 1
    : value >= -(2 ** (bits - 1)) && value <= 2 ** (bits - 1) - 1;
}
