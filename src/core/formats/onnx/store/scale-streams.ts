import type { AffineTensor } from '../../../compression/encodings/encoded-tensor';
import type { ByteStream } from '../../../model/model';

/** Scales, float32 little-endian. @param count how many there are. */
export function scaleStream(tensor: AffineTensor, count: number): ByteStream {
  return floatStream(count, async (signal) => (await tensor.scales(signal)).scale);
}

/** Zero points as float32, little-endian. */
export function floatZeroPoints(tensor: AffineTensor, count: number): ByteStream {
  return floatStream(count, async (signal) =>
    Float32Array.from((await tensor.scales(signal)).zeroPoint ?? new Int32Array(count)),
  );
}

/** Zero points, a byte each: they lie in the range of codes. */
export function zeroPointCodes(tensor: AffineTensor, count: number): ByteStream {
  return {
    byteLength: count,
    async *chunks(signal) {
      const { zeroPoint } = await tensor.scales(signal);
      yield Uint8Array.from({ length: count }, (_, index) => (zeroPoint?.[index] ?? 0) & 0xff);
    },
  };
}

/** Numbers that are known once they are asked for, float32 little-endian. */
export function floatStream(count: number, numbers: (signal?: AbortSignal) => Promise<Float32Array>): ByteStream {
  const byteLength = count * Float32Array.BYTES_PER_ELEMENT;
  return {
    byteLength,
    async *chunks(signal) {
      const bytes = new Uint8Array(byteLength);
      const view = new DataView(bytes.buffer);
      (await numbers(signal)).forEach((number, index) => {
        view.setFloat32(index * Float32Array.BYTES_PER_ELEMENT, number, true);
      });
      yield bytes;
    },
  };
}
