import type { ByteStream } from '../../../../model/model';
import { codePlanes, planeBytes, type CodePlanes } from '../../../../compression/encodings/code-planes';
import { filledUp, inGroups } from './regrouped';

/**
 * Packed codes (low bits first) as the file holds them: in planes, filled up to a whole group. Signed codes are stored
 * plus `2^(bits - 1)`, so that a table can be indexed by them.
 */
export function codesInPlanes(codes: ByteStream, bits: number, count: number, signed: boolean): ByteStream {
  const planes = codePlanes(bits);
  const byteLength = planeBytes(bits, count);
  const flipped = signed ? 2 ** (bits - 1) : 0;
  if (planes.planes.length > 1) {
    return { byteLength, chunks: (signal) => rearranged(planes, codes, byteLength, flipped, signal) };
  }
  const whole = filledUp(codes, byteLength);
  if (!signed) return whole;
  const mask = repeated(flipped, bits);
  return { byteLength, chunks: (signal) => exclusiveOr(whole, mask, signal) };
}

/** A code in every place of a byte. */
function repeated(code: number, bits: number): number {
  let byte = 0;
  for (let shift = 0; shift < 8; shift += bits) byte |= code << shift;
  return byte;
}

async function* exclusiveOr(codes: ByteStream, mask: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of codes.chunks(signal)) yield chunk.map((byte) => byte ^ mask);
}

async function* rearranged(
  planes: CodePlanes,
  codes: ByteStream,
  byteLength: number,
  flipped: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const piece of inGroups(filledUp(codes, byteLength).chunks(signal), planes.bytes)) {
    yield inPlanes(planes, piece, flipped);
  }
}

/** @param packed whole groups. */
function inPlanes({ bits, planes, codes, bytes }: CodePlanes, packed: Uint8Array, flipped: number): Uint8Array {
  const result = new Uint8Array(packed.length);
  const mask = 2 ** bits - 1;
  for (let group = 0; group < packed.length; group += bytes) {
    for (let code = 0; code < codes; code++) {
      const bit = code * bits;
      const at = group + (bit >> 3);
      const value = ((((packed[at] ?? 0) | ((packed[at + 1] ?? 0) << 8)) >> (bit & 7)) & mask) ^ flipped;
      let start = group;
      for (const plane of planes) {
        const place = code * plane.width;
        const byte = start + (place >> 3);
        const part = (value >> plane.shift) & (2 ** plane.width - 1);
        result[byte] = (result[byte] ?? 0) | (part << (place & 7));
        start += plane.bytes;
      }
    }
  }
  return result;
}
