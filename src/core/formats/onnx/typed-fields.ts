import { bitsOf, type DType } from '../../model/dtype';
import { BYTES, VARINT, WireCursor } from './wire';

/** `TensorProto` fields that hold numbers. */
export const RAW_DATA = 9;
export const PAYLOAD_FIELDS: ReadonlySet<number> = new Set([4, 5, 7, RAW_DATA, 10, 11]);

/** The typed field in which a type's numbers are kept when there is no `raw_data`; null for strings. */
export function typedFieldOf(dtype: DType): number | null {
  switch (dtype) {
    case 'string':
      return null;
    case 'float32':
    case 'complex64':
      return 4;
    case 'int64':
      return 7;
    case 'float64':
    case 'complex128':
      return 10;
    case 'uint32':
    case 'uint64':
      return 11;
    default:
      return 5;
  }
}

/** Fixed-width fields are little-endian numbers already; the others hold one varint a unit. */
export function isVarintField(field: number): boolean {
  return field === 5 || field === 7 || field === 11;
}

/** Bytes that one varint stands for: an element, or a byte of packed elements below 8 bits. */
export function varintUnitBytes(dtype: DType): number {
  return Math.max(8, bitsOf(dtype)) / 8;
}

/** One piece of a typed field: packed numbers, or a single one. */
export interface TypedPiece {
  readonly wireType: number;
  readonly bytes: Uint8Array;
}

/** Dense little-endian bytes of a typed field. @throws WireError on cut numbers. */
export function denseBytes(field: number, dtype: DType, pieces: readonly TypedPiece[]): Uint8Array {
  if (!isVarintField(field)) return new Uint8Array(concat(pieces.map((piece) => piece.bytes)));
  const usable = pieces.filter((piece) => piece.wireType === BYTES || piece.wireType === VARINT);
  return decodeVarints(concat(usable.map((piece) => piece.bytes)), varintUnitBytes(dtype));
}

/** Every varint of `packed`, cut to `unitBytes` little-endian bytes each. */
function decodeVarints(packed: Uint8Array, unitBytes: number): Uint8Array {
  const units = countVarints(packed);
  const dense = new Uint8Array(units * unitBytes);
  const cursor = new WireCursor(packed);
  for (let unit = 0; unit < units; unit++) decodeVarint(cursor, dense, unit * unitBytes, unitBytes);
  return dense;
}

/** Varints that end in `bytes`: those without the continuation bit. */
export function countVarints(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) < 0x80) count++;
  return count;
}

/**
 * One varint of up to 64 bits, as `unitBytes` little-endian bytes. Negative numbers are ten bytes of two's complement,
 * so the low bytes are right for every width. Works on two halves of 28 and 36 bits: no number here exceeds 2^53.
 */
export function decodeVarint(cursor: WireCursor, target: Uint8Array, at: number, unitBytes: number): void {
  let low = 0;
  let high = 0;
  for (let i = 0; i < 10; i++) {
    const byte = cursor.bytes[cursor.position];
    if (byte === undefined) throw new RangeError('a number is cut off');
    cursor.position++;
    if (i < 4) low += (byte & 0x7f) * 2 ** (7 * i);
    else high += (byte & 0x7f) * 2 ** (7 * (i - 4));
    if (byte < 0x80) break;
  }
  for (let i = 0; i < unitBytes; i++) target[at + i] = byteAt(low, high, i);
}

/** Byte `index` of `low + high * 2^28`, where `low` has 28 bits. */
function byteAt(low: number, high: number, index: number): number {
  if (index < 3) return (low >>> (8 * index)) & 0xff;
  if (index === 3) return ((low >>> 24) | ((high % 16) << 4)) & 0xff;
  return Math.floor(high / 2 ** (8 * index - 28)) % 256;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}
