import type { DType } from '../../model/dtype';

/** How eight bits are read: one of sign, then exponent, then mantissa. */
interface Float8 {
  readonly exponentBits: number;
  readonly bias: number;
  /** What the codes at the end of the range are: as in IEEE 754, NaN alone, or (`uz`) nothing but the negative zero's. */
  readonly special: 'ieee' | 'nan' | 'negative-zero';
}

/** ONNX's four. Sources: Micikevicius et al. 2022 (E4M3, E5M2); Noune et al. 2022 (the ones without negative zero). */
const FORMATS: Partial<Record<DType, Float8>> = {
  float8e4m3fn: { exponentBits: 4, bias: 7, special: 'nan' },
  float8e4m3fnuz: { exponentBits: 4, bias: 8, special: 'negative-zero' },
  float8e5m2: { exponentBits: 5, bias: 15, special: 'ieee' },
  float8e5m2fnuz: { exponentBits: 5, bias: 16, special: 'negative-zero' },
};

/** The value of each of the 256 codes. @throws RangeError for dtypes that are none of the four */
export function float8Values(dtype: DType): Float32Array {
  const format = FORMATS[dtype];
  if (format === undefined) throw new RangeError(`${dtype} is no float8.`);
  return Float32Array.from({ length: 256 }, (_, code) => valueOf(code, format));
}

function valueOf(code: number, { exponentBits, bias, special }: Float8): number {
  const mantissaBits = 7 - exponentBits;
  const sign = code & 0x80 ? -1 : 1;
  const exponent = (code & 0x7f) >> mantissaBits;
  const mantissa = code & ((1 << mantissaBits) - 1);
  if (special === 'negative-zero' && code === 0x80) return NaN;
  if (special === 'nan' && (code & 0x7f) === 0x7f) return NaN;
  if (special === 'ieee' && exponent === (1 << exponentBits) - 1) return mantissa === 0 ? sign * Infinity : NaN;
  const scale = 2 ** (Math.max(exponent, 1) - bias - mantissaBits);
  return sign * scale * (mantissa + (exponent === 0 ? 0 : 1 << mantissaBits));
}
