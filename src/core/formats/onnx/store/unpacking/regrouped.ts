import { packCodes, packedLength, unpackCodes, type CodeBits } from '../../../../compression/encodings/packing';
import type { ByteStream } from '../../../../model/model';

/** Codes that are worked on at once, so that their bytes stay in the processor's cache. */
const STEP_CODES = 512 * 1024;

/** Eight codes of any width end on a byte. */
const CODES_THAT_FILL_BYTES = 8;

/** The bytes of `chunks` in pieces of whole groups, at most `most` bytes each; what is left over comes last. */
export async function* inGroups(
  chunks: AsyncIterable<Uint8Array>,
  group: number,
  most = STEP_CODES,
): AsyncGenerator<Uint8Array> {
  const largest = Math.max(group, most - (most % group));
  let rest = new Uint8Array(0);
  for await (const chunk of chunks) {
    const all = rest.length === 0 ? chunk : joined(rest, chunk);
    const whole = all.length - (all.length % group);
    for (let start = 0; start < whole; start += largest) yield all.subarray(start, Math.min(whole, start + largest));
    rest = all.slice(whole);
  }
  if (rest.length > 0) yield rest;
}

/** One code a byte, of codes packed low bits first. */
export function unpackedCodes(packed: ByteStream, bits: CodeBits, count: number): ByteStream {
  return {
    byteLength: count,
    async *chunks(signal) {
      let left = count;
      for await (const piece of inGroups(packed.chunks(signal), bits)) {
        const codes = new Uint8Array(Math.min(left, Math.floor((piece.length * 8) / bits)));
        unpackCodes(bits, false, piece, codes);
        left -= codes.length;
        yield codes;
      }
    },
  };
}

/** Codes packed low bits first, of one code a byte. */
export function packedCodes(codes: ByteStream, bits: CodeBits): ByteStream {
  return {
    byteLength: packedLength(bits, codes.byteLength),
    async *chunks(signal) {
      for await (const piece of inGroups(codes.chunks(signal), CODES_THAT_FILL_BYTES)) yield packCodes(bits, piece);
    },
  };
}

/** The stream, and zeros after it. */
export function filledUp(stream: ByteStream, byteLength: number): ByteStream {
  if (stream.byteLength >= byteLength) return stream;
  return {
    byteLength,
    async *chunks(signal) {
      yield* stream.chunks(signal);
      yield new Uint8Array(byteLength - stream.byteLength);
    },
  };
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(left.length + right.length);
  all.set(left);
  all.set(right, left.length);
  return all;
}
