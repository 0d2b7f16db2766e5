import { zipSync } from 'fflate';
import { gzipSync } from 'node:zlib';

type Values = Uint8Array | Int8Array | Uint16Array | Int32Array | Float32Array | Float64Array | BigInt64Array;

const DESCRIPTIONS = new Map<unknown, string>([
  [Uint8Array, '|u1'],
  [Int8Array, '|i1'],
  [Uint16Array, '<u2'],
  [Int32Array, '<i4'],
  [Float32Array, '<f4'],
  [Float64Array, '<f8'],
  [BigInt64Array, '<i8'],
]);

export interface ArrayParts {
  shape: number[];
  values: Values;
  descr?: string;
  fortran?: boolean;
}

/** An array in NumPy's format 1.0. */
export function npy({ shape, values, descr, fortran = false }: ArrayParts): Uint8Array {
  const type = descr ?? DESCRIPTIONS.get(values.constructor) ?? '';
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const facts = `{'descr': '${type}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${list}), }`;
  const header = `${facts.padEnd(Math.ceil((facts.length + 11) / 64) * 64 - 11)}\n`;
  const start = [0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 0xff, header.length >> 8];
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([Buffer.from(start), Buffer.from(header), bytes]);
}

/** `numpy.savez` (stored), or `numpy.savez_compressed`. */
export function npz(arrays: Record<string, ArrayParts>, compressed = false): Uint8Array {
  const entries = Object.entries(arrays).map(([name, parts]) => [`${name}.npy`, npy(parts)]);
  return zipSync(Object.fromEntries(entries), { level: compressed ? 6 : 0 });
}

/** An IDX file of bytes, as MNIST's. */
export function idx(shape: number[], values: Uint8Array, gzip = false): Uint8Array {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => head.writeUInt32BE(size, 4 + 4 * axis));
  const bytes = Buffer.concat([head, values]);
  return gzip ? gzipSync(bytes) : bytes;
}

/** Bytes that differ from place to place: 0, 7, 14 ... modulo 256. */
export function pattern(length: number, step = 7): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * step) & 0xff);
}

/** A WAV file: `values` as they are stored, channels interleaved. */
export function wav(
  rate: number,
  channels: number,
  values: Int16Array | Uint8Array | Float32Array,
  options: { bits?: number; kind?: number } = {},
): Uint8Array {
  const { bits = values.BYTES_PER_ELEMENT * 8, kind = values instanceof Float32Array ? 3 : 1 } = options;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + values.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(kind, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE((rate * channels * bits) / 8, 28);
  head.writeUInt16LE((channels * bits) / 8, 32);
  head.writeUInt16LE(bits, 34);
  head.write('data', 36);
  head.writeUInt32LE(values.byteLength, 40);
  return Buffer.concat([head, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
}
