import type { ByteStream } from '../../../../model/model';
import { codePlanes, planeBytes, type CodePlanes, type Plane } from '../../../../compression/encodings/code-planes';
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
  for await (const chunk of codes.chunks(signal)) {
    const changed = Uint8Array.from(chunk);
    for (let at = 0; at < changed.length; at++) changed[at] = (changed[at] ?? 0) ^ mask;
    yield changed;
  }
}

async function* rearranged(
  planes: CodePlanes,
  codes: ByteStream,
  byteLength: number,
  flipped: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const table = pairTable(planes, flipped);
  for await (const piece of inGroups(filledUp(codes, byteLength).chunks(signal), planes.bytes)) {
    yield inPlanes(planes, table, piece);
  }
}

/**
 * The planes' parts of every pair of codes, the parts of a plane side by side: two codes at a time are looked up faster
 * than one is taken apart.
 */
function pairTable({ bits, planes }: CodePlanes, flipped: number): Uint16Array {
  const table = new Uint16Array(2 ** (2 * bits));
  const mask = 2 ** bits - 1;
  for (let pair = 0; pair < table.length; pair++) {
    const [first, second] = [(pair & mask) ^ flipped, (pair >> bits) ^ flipped];
    let entry = 0;
    for (const { width, shift } of planes) {
      const part = 2 ** width - 1;
      entry |= (((first >> shift) & part) | (((second >> shift) & part) << width)) << (2 * shift);
    }
    table[pair] = entry;
  }
  return table;
}

/** @param packed whole groups. */
function inPlanes({ bits, planes, codes, bytes }: CodePlanes, table: Uint16Array, packed: Uint8Array): Uint8Array {
  const result = new Uint8Array(packed.length);
  const pairBits = 2 * bits;
  const pairMask = 2 ** pairBits - 1;
  const places = placesOf(planes);
  for (let group = 0; group < packed.length; group += bytes) {
    let waiting = 0;
    let held = 0;
    let at = group;
    for (let code = 0; code < codes; code += 2) {
      while (held < pairBits) {
        waiting |= (packed[at++] ?? 0) << held;
        held += 8;
      }
      const entry = table[waiting & pairMask] ?? 0;
      waiting >>>= pairBits;
      held -= pairBits;
      for (const { start, width, shift, mask } of places) {
        const place = code * width;
        const byte = group + start + (place >> 3);
        result[byte] = (result[byte] ?? 0) | (((entry >> shift) & mask) << (place & 7));
      }
    }
  }
  return result;
}

/** Where a plane's bytes begin in a group, and where its part of a pair lies in the table's entries. */
function placesOf(planes: readonly Plane[]): { start: number; width: number; shift: number; mask: number }[] {
  let start = 0;
  return planes.map(({ width, shift, bytes }) => {
    const place = { start, width, shift: 2 * shift, mask: 2 ** (2 * width) - 1 };
    start += bytes;
    return place;
  });
}
