/** Element types of tensors: all of ONNX's (IR version 13), sub-byte and float8 included. */
interface DTypeFacts {
  bits: number;
  kind: 'float' | 'signed' | 'unsigned' | 'bool' | 'string' | 'complex';
}

const FACTS = {
  float64: { bits: 64, kind: 'float' },
  float32: { bits: 32, kind: 'float' },
  float16: { bits: 16, kind: 'float' },
  bfloat16: { bits: 16, kind: 'float' },
  float8e4m3fn: { bits: 8, kind: 'float' },
  float8e4m3fnuz: { bits: 8, kind: 'float' },
  float8e5m2: { bits: 8, kind: 'float' },
  float8e5m2fnuz: { bits: 8, kind: 'float' },
  float8e8m0: { bits: 8, kind: 'float' },
  float4e2m1: { bits: 4, kind: 'float' },
  int64: { bits: 64, kind: 'signed' },
  int32: { bits: 32, kind: 'signed' },
  int16: { bits: 16, kind: 'signed' },
  int8: { bits: 8, kind: 'signed' },
  int4: { bits: 4, kind: 'signed' },
  int2: { bits: 2, kind: 'signed' },
  uint64: { bits: 64, kind: 'unsigned' },
  uint32: { bits: 32, kind: 'unsigned' },
  uint16: { bits: 16, kind: 'unsigned' },
  uint8: { bits: 8, kind: 'unsigned' },
  uint4: { bits: 4, kind: 'unsigned' },
  uint2: { bits: 2, kind: 'unsigned' },
  bool: { bits: 8, kind: 'bool' },
  string: { bits: 0, kind: 'string' },
  complex64: { bits: 64, kind: 'complex' },
  complex128: { bits: 128, kind: 'complex' },
} as const satisfies Record<string, DTypeFacts>;

export type DType = keyof typeof FACTS;

export const DTYPES = Object.keys(FACTS) as DType[];

/** Bits one element takes when packed; 0 for strings, whose size is not fixed. */
export function bitsOf(dtype: DType): number {
  return FACTS[dtype].bits;
}

export function isFloat(dtype: DType): boolean {
  return FACTS[dtype].kind === 'float';
}

export function isInteger(dtype: DType): boolean {
  return FACTS[dtype].kind === 'signed' || FACTS[dtype].kind === 'unsigned';
}

export function isSigned(dtype: DType): boolean {
  return FACTS[dtype].kind === 'signed';
}

/** Bytes of `elements` packed elements: sub-byte types share bytes, the last one is padded. */
export function packedBytes(dtype: DType, elements: number): number {
  return Math.ceil((elements * bitsOf(dtype)) / 8);
}
