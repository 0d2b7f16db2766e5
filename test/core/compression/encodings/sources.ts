import { streamFeed } from '../../../../src/core/compression/encodings/byte-feed';
import { denseDecoder } from '../../../../src/core/compression/encodings/dense';
import { RealValues } from '../../../../src/core/compression/encodings/real-values';
import type { Kernels } from '../../../../src/core/kernels';
import { bitsOf, type DType } from '../../../../src/core/model/dtype';
import type { ByteStream } from '../../../../src/core/model/model';

export function bytesOf(numbers: ArrayBufferView): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Bytes in uneven chunks: nothing may depend on where a stream is cut. */
export function inPieces(bytes: Uint8Array, piece: number): ByteStream {
  return {
    byteLength: bytes.byteLength,
    async *chunks() {
      for (let at = 0; at < bytes.byteLength; at += piece) yield Promise.resolve(bytes.subarray(at, at + piece));
    },
  };
}

export function valuesIn(kernels: Kernels, stream: ByteStream, dtype: DType = 'float32'): () => RealValues {
  return () =>
    new RealValues(kernels, (stream.byteLength * 8) / bitsOf(dtype), streamFeed(stream), () =>
      Promise.resolve(denseDecoder(kernels, dtype)),
    );
}

/** Float32 in pieces of an odd length, or of a megabyte where there are many. */
export function floatsIn(kernels: Kernels, values: Float32Array): () => RealValues {
  return valuesIn(kernels, inPieces(bytesOf(values), values.length > 100_000 ? 1_000_003 : 1003));
}
