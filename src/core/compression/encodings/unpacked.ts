import type { StoredCodes, UnpackedTensor } from '../../analysis/unpacking/unpacked-tensor';
import { weightBytes, type WeightReader } from '../../formats/weight-reader';
import type { Kernels } from '../../kernels';
import { elementsOf, type ByteStream } from '../../model/model';
import { streamFeed } from './byte-feed';
import { codePlanes, codesFromPlanes, planeBytes } from './code-planes';
import { canWiden, denseDecoder, float32Stream } from './dense';
import type { EncodedTensor, SparseTensor } from './encoded-tensor';
import { valuesOf } from './index';
import { readNumbers } from './numbers';
import { isWholePacked, packedTensor } from './packed-lines';
import { isCodeBits, packCodes, type CodeBits } from './packing';
import { RealValues } from './real-values';
import { steppedStream } from './stepped';

/** Codes that are turned over at once: a multiple of 8, which end on a byte whatever their width. */
const STEP_CODES = 256 * 1024;

/**
 * The real values of a weight that unpacks itself. Null where its initializers are shorter than its encoding says, or
 * hold what has no real values here.
 */
export function unpackedValues(kernels: Kernels, reader: WeightReader, tensor: UnpackedTensor): RealValues | null {
  if (!isWhole(tensor)) return null;
  return tensor.kind === 'sparse' ? sparseValues(kernels, reader, tensor) : valuesOf(kernels, encoded(reader, tensor));
}

type Sparse = Extract<UnpackedTensor, { kind: 'sparse' }>;
type Values = Exclude<UnpackedTensor, { kind: 'sparse' }>;

/** True where there are as many codes as elements. */
function isWhole(tensor: UnpackedTensor): boolean {
  switch (tensor.kind) {
    case 'dense':
      return canWiden(tensor.stored.dtype) && weightBytes(tensor.stored) > 0;
    case 'affine':
    case 'palette':
      return holds(tensor.codes, elementsOf(tensor.shape));
    case 'packed':
      return isWholePacked(tensor);
    case 'sparse': {
      const { positions, values, shape } = tensor;
      if (values.kind === 'sparse') return false;
      const isMask = positions.kind === 'mask' && weightBytes(positions.mask) >= Math.ceil(elementsOf(shape) / 8);
      const isSteps = positions.kind === 'steps' && isCodeBits(positions.steps.bits);
      return (isMask || isSteps) && isWhole(values);
    }
  }
}

function holds({ weight, bits }: StoredCodes, count: number): boolean {
  return isCodeBits(bits) && weightBytes(weight) >= planeBytes(bits, count);
}

/** The tensor as a pass made it. */
function encoded(reader: WeightReader, tensor: Values): Exclude<EncodedTensor, SparseTensor> {
  const { shape } = tensor;
  switch (tensor.kind) {
    case 'dense':
      return { kind: 'dense', shape, dtype: tensor.stored.dtype, data: reader.stream(tensor.stored) };
    case 'packed':
      return packedTensor(reader, tensor);
    case 'palette': {
      const { codes, axis, groups, table } = tensor;
      const numbers = async () => Float32Array.from(await readNumbers(reader, table));
      return {
        kind: 'palette',
        shape,
        bits: codes.bits,
        axis,
        groups,
        table: numbers,
        codes: packed(reader, codes, shape),
      };
    }
    case 'affine': {
      const { codes, signed, axis, block, scale, zeroPoint } = tensor;
      return {
        kind: 'affine',
        shape,
        bits: codes.bits,
        signed,
        axis,
        block,
        symmetric: zeroPoint === null,
        scales: async () => ({
          scale: Float32Array.from(await readNumbers(reader, scale)),
          zeroPoint: zeroPoint === null ? null : Int32Array.from(await readNumbers(reader, zeroPoint)),
        }),
        codes: packed(reader, codes, shape),
      };
    }
  }
}

/** Codes packed low bits first, as they were before the file had them in planes. */
function packed(reader: WeightReader, codes: StoredCodes, shape: readonly number[]): ByteStream {
  const count = elementsOf(shape);
  const bits: CodeBits = isCodeBits(codes.bits) ? codes.bits : 8;
  return {
    byteLength: Math.ceil((count * bits) / 8),
    async *chunks(signal) {
      for await (const chunk of codeChunks(reader, codes, count, signal)) yield packCodes(bits, chunk);
    },
  };
}

/** One code a byte, signed ones as their low bits. */
async function* codeChunks(
  reader: WeightReader,
  { weight, bits, offset }: StoredCodes,
  count: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const feed = streamFeed(reader.stream(weight)).open(signal);
  const { codes: group, bytes } = codePlanes(bits);
  try {
    for (let first = 0; first < count; first += STEP_CODES) {
      const length = Math.min(STEP_CODES, count - first);
      const stored = new Uint8Array(Math.ceil(length / group) * bytes);
      await feed.fill(stored);
      const codes = new Uint8Array(length);
      codesFromPlanes(bits, stored, codes);
      if (offset !== 0) codes.forEach((code, index) => (codes[index] = code ^ offset));
      yield codes;
    }
  } finally {
    await feed.close();
  }
}

function sparseValues(kernels: Kernels, reader: WeightReader, { shape, positions, values }: Sparse): RealValues | null {
  if (values.kind === 'sparse') return null;
  const inner = encoded(reader, values);
  if (positions.kind === 'mask') {
    const mask = reader.stream(positions.mask);
    return valuesOf(kernels, { kind: 'sparse', shape, nonZeros: elementsOf(values.shape), mask, values: inner });
  }
  const entries = elementsOf(values.shape);
  const numbers = float32Stream(kernels, entries, () => valuesOf(kernels, inner));
  const steps: ByteStream = {
    byteLength: entries,
    chunks: (signal) => codeChunks(reader, positions.steps, entries, signal),
  };
  return floats(kernels, elementsOf(shape), steppedStream(steps, positions.steps.bits, numbers, elementsOf(shape)));
}

function floats(kernels: Kernels, elements: number, stream: ByteStream): RealValues {
  return new RealValues(kernels, elements, streamFeed(stream), () => Promise.resolve(denseDecoder(kernels, 'float32')));
}
