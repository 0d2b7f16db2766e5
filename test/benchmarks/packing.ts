import { streamFeed } from '../../src/core/compression/encodings/byte-feed';
import { denseDecoder } from '../../src/core/compression/encodings/dense';
import { decode } from '../../src/core/compression/encodings';
import { encodeWeight } from '../../src/core/compression/encodings/encode';
import type { EncodedTensor } from '../../src/core/compression/encodings/encoded-tensor';
import type { CodeBits } from '../../src/core/compression/encodings/packing';
import { RealValues } from '../../src/core/compression/encodings/real-values';
import type { AffineScheme, WeightScheme } from '../../src/core/compression/encodings/scheme';
import { loadKernels, type Kernels } from '../../src/core/kernels';
import type { ByteStream } from '../../src/core/model/model';

/** The shape of a projection in language models of seven billion parameters. */
const SHAPE = [11_008, 4096];
const BLOCK = 32;
/** Of float32 input on one core. */
const WANTED_GB_PER_SECOND = 1;
const ROUNDS = 5;
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Encoding and decoding of one matrix in memory, K 4096 and N 11008, in GB of float32 a second on one core, next to
 * copying the same bytes in the same run. Encoding is everything: scales, codes, packing. Processor time counts
 * all threads of the process; unlike the clock's, it does not depend on what else the machine does.
 */
export default async function packing(report: (line: string) => void): Promise<void> {
  const kernels = await loadKernels();
  const weights = normalWeights(SHAPE.reduce((a, b) => a * b, 1));
  const copy = copySpeed(weights);
  report(`memcpy: ${copy.toFixed(2)} GB/s`);
  for (const { name, scheme, isStated } of SCHEMES) {
    const { encoding, ofProcessor, decoding } = await speeds(kernels, weights, scheme);
    const limit = isStated ? ` (wanted ${WANTED_GB_PER_SECOND} GB/s)` : '';
    report(
      `${name}: encodes ${encoding.toFixed(2)} GB/s${limit}, ${(encoding / copy).toFixed(3)} of memcpy, ` +
        `${ofProcessor.toFixed(2)} GB a second of processor time; ` +
        `decodes ${decoding.toFixed(2)} GB/s, ${(decoding / copy).toFixed(3)} of memcpy`,
    );
  }
}

interface Measured {
  readonly name: string;
  readonly scheme: WeightScheme;
  readonly isStated: boolean;
}

const SCHEMES: readonly Measured[] = [
  blocks('int4, symmetric, blocks of 32 along K', 4, 1, true),
  blocks('int4, symmetric, blocks of 32 down the columns', 4, 0),
  ...([2, 3, 5, 6, 8] as const).map((bits) => blocks(`int${bits}, symmetric, blocks of 32 along K`, bits, 1)),
  { name: 'int8 a row', scheme: { ...affine(8, 0), block: null }, isStated: false },
  { name: 'float16', scheme: { kind: 'dense', dtype: 'float16' }, isStated: false },
  { name: 'bfloat16', scheme: { kind: 'dense', dtype: 'bfloat16' }, isStated: false },
  palette(4),
  palette(8),
];

function affine(bits: CodeBits, axis: number): AffineScheme {
  return { kind: 'affine', bits, axis, block: BLOCK, symmetric: true, scales: 'minmax' };
}

function blocks(name: string, bits: CodeBits, axis: number, isStated = false): Measured {
  return { name, scheme: affine(bits, axis), isStated };
}

function palette(bits: number): Measured {
  return {
    name: `${bits}-bit palette by k-means`,
    scheme: { kind: 'palette', bits, axis: null, groups: 1, method: 'kmeans' },
    isStated: false,
  };
}

/** Near normal numbers from a seed (Numerical Recipes' linear congruence, twelve draws a number). */
function normalWeights(count: number): Float32Array {
  const pool = new Float32Array(65_537);
  let state = 1;
  const draw = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  for (let i = 0; i < pool.length; i++) pool[i] = (Array.from({ length: 12 }, draw).reduce((a, b) => a + b) - 6) * 0.02;
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += pool.length) values.set(pool.subarray(0, Math.min(pool.length, count - at)), at);
  return values;
}

const gigabytesPerSecond = (bytes: number, ms: number): number => bytes / 1e6 / ms;

function copySpeed(weights: Float32Array): number {
  const target = new Float32Array(weights.length);
  return best(() => {
    const begin = performance.now();
    target.set(weights);
    return gigabytesPerSecond(weights.byteLength, performance.now() - begin);
  });
}

function best(measure: () => number): number {
  return Math.max(...Array.from({ length: ROUNDS }, measure));
}

async function speeds(
  kernels: Kernels,
  weights: Float32Array,
  scheme: WeightScheme,
): Promise<{ encoding: number; ofProcessor: number; decoding: number }> {
  const open = () =>
    new RealValues(kernels, weights.length, streamFeed(inMemory(new Uint8Array(weights.buffer))), () =>
      Promise.resolve(denseDecoder(kernels, 'float32')),
    );
  let [encoding, ofProcessor, decoding] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    let begin = performance.now();
    const before = process.cpuUsage();
    const tensor = await encodeWeight(kernels, SHAPE, open, scheme);
    const held = await inHand(tensor);
    encoding = Math.max(encoding, gigabytesPerSecond(weights.byteLength, performance.now() - begin));
    const used = process.cpuUsage(before);
    ofProcessor = Math.max(ofProcessor, gigabytesPerSecond(weights.byteLength, (used.user + used.system) / 1000));
    begin = performance.now();
    for await (const chunk of decode(kernels, held).chunks()) void chunk;
    decoding = Math.max(decoding, gigabytesPerSecond(weights.byteLength, performance.now() - begin));
  }
  return { encoding, ofProcessor, decoding };
}

function inMemory(bytes: Uint8Array): ByteStream {
  return {
    byteLength: bytes.byteLength,
    async *chunks() {
      for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
        yield await Promise.resolve(bytes.subarray(at, at + CHUNK_BYTES));
      }
    },
  };
}

/** The tensor with its codes in memory, as after a file was written. */
async function inHand(tensor: EncodedTensor): Promise<EncodedTensor> {
  switch (tensor.kind) {
    case 'dense':
      return { ...tensor, data: inMemory(await bytesOf(tensor.data)) };
    case 'affine':
    case 'palette':
      return { ...tensor, codes: inMemory(await bytesOf(tensor.codes)) };
    case 'sparse':
      throw new Error('Sparse tensors are not measured here.');
  }
}

async function bytesOf(stream: ByteStream): Promise<Uint8Array> {
  const bytes = new Uint8Array(stream.byteLength);
  let at = 0;
  for await (const chunk of stream.chunks()) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
