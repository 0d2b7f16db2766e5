import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { compressors as decoders, decompressLz4, decompressLz4Raw } from 'hyparquet-compressors';
import { zstd } from './zstd';

/**
 * Decoders of Parquet's codecs that write no more than a page declares, whatever is packed in it: what declares a
 * hundred bytes and unpacks to gigabytes ends after a hundred. What a page may declare is bounded in `pages.ts`.
 */
export const boundedCompressors: Compressors = {
  GZIP: (packed, size) => whole(gunzipSync(packed, { maxOutputLength: Math.max(1, size) }), size),
  BROTLI: (packed, size) => whole(brotliDecompressSync(packed, { maxOutputLength: Math.max(1, size) }), size),
  ZSTD: zstd,
  SNAPPY: snappy,
  // These fill a buffer of the size that they are given, and nothing else.
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
};

/** What a page holds. @throws Error where it is not as large as it declares */
function whole(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.byteLength !== size) throw new Error(`unpacks to ${bytes.byteLength} bytes, declares ${size}`);
  return bytes;
}

function snappy(packed: Uint8Array, size: number): Uint8Array {
  const decode = decoders.SNAPPY;
  if (decode === undefined || varint(packed) !== size) throw new Error('snappy: two sizes are declared');
  return decode(packed, size);
}

/** The size that Snappy writes first: seven bits a byte, the lowest first. */
function varint(bytes: Uint8Array): number {
  let value = 0;
  for (let at = 0; at < 5; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return value;
  }
  return NaN;
}
