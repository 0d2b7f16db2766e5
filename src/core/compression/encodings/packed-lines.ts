import type { UnpackedTensor } from '../../analysis/unpacking/unpacked-tensor';
import { EdgewiseError } from '../../errors';
import { weightBytes, type WeightReader } from '../../formats/weight-reader';
import { elementsOf, type ByteStream, type Weight } from '../../model/model';
import type { AffineScales, AffineTensor } from './encoded-tensor';
import { readNumbers } from './numbers';
import { isCodeBits, packCodes, unpackCodes, type CodeBits } from './packing';

type Packed = Extract<UnpackedTensor, { kind: 'packed' }>;

/** Codes that are turned over at once. */
const STEP_CODES = 1024 * 1024;

/** True where the initializers hold as much as the shape says. */
export function isWholePacked({ isRead, bits, lines, lineCodes, blocks, codes, scale, zeroPoint }: Packed): boolean {
  const numbers = elementsOf(scale.shape);
  return (
    isRead &&
    isCodeBits(bits) &&
    weightBytes(codes) === lines * lineBytes(bits, lineCodes) &&
    (numbers === 1 || numbers === lines * blocks) &&
    (zeroPoint === null || weightBytes(zeroPoint) === lines * lineBytes(bits, blocks))
  );
}

function lineBytes(bits: number, codes: number): number {
  return Math.ceil((codes * bits) / 8);
}

/** A weight that an operator takes packed, as a pass made it: in the order of its logical shape. */
export function packedTensor(reader: WeightReader, tensor: Packed): AffineTensor {
  const { shape, bits, signed, axis, block } = tensor;
  return {
    kind: 'affine',
    ...{ shape, bits, signed, axis, block },
    symmetric: signed,
    scales: () => scalesOf(reader, tensor),
    codes: codesOf(reader, tensor),
  };
}

async function scalesOf(reader: WeightReader, tensor: Packed): Promise<AffineScales> {
  const { lines, blocks, zeroPoint } = tensor;
  const numbers = await readNumbers(reader, tensor.scale);
  const [only = 0] = numbers;
  const scale = Float32Array.from({ length: lines * blocks }, (_, at) =>
    numbers.length === 1 ? only : (numbers[placeOf(tensor, at, blocks)] ?? 0),
  );
  if (zeroPoint === null) return { scale, zeroPoint: null };
  const zeros = new Lines(await bytesOf(reader, zeroPoint), widthOf(tensor), blocks);
  const points = Int32Array.from(scale, (_, at) => {
    const place = placeOf(tensor, at, blocks);
    return zeros.code(Math.floor(place / blocks), place % blocks);
  });
  return { scale, zeroPoint: points };
}

/** Where a block's number is in `[lines, blocks]`, by its place in the order of the logical shape. */
function placeOf({ isTurned, lines }: Packed, at: number, blocks: number): number {
  if (!isTurned) return at;
  return (at % lines) * blocks + Math.floor(at / lines);
}

/** The stored bytes are held in memory where lines become columns. */
function codesOf(reader: WeightReader, tensor: Packed): ByteStream {
  const { shape, isTurned } = tensor;
  const bits = widthOf(tensor);
  const [rows = 1] = shape;
  const width = rows === 0 ? 0 : elementsOf(shape) / rows;
  return {
    byteLength: Math.ceil((elementsOf(shape) * bits) / 8),
    async *chunks() {
      const lines = new Lines(await bytesOf(reader, tensor.codes), bits, tensor.lineCodes);
      // Eight rows end on a byte, whatever their length.
      const step = Math.max(8, Math.floor(STEP_CODES / Math.max(1, width) / 8) * 8);
      for (let first = 0; first < rows; first += step) {
        const count = Math.min(step, rows - first);
        const codes = isTurned
          ? lines.columns(first, count, width)
          : lines.rows(first * (width / tensor.lineCodes), count * (width / tensor.lineCodes));
        if (tensor.signed) codes.forEach((code, at) => (codes[at] = code ^ (2 ** (bits - 1))));
        yield packCodes(bits, codes);
      }
    },
  };
}

async function bytesOf(reader: WeightReader, weight: Weight): Promise<Uint8Array> {
  return reader.read(weight, 0, weightBytes(weight));
}

function widthOf({ bits }: Packed): CodeBits {
  if (isCodeBits(bits)) return bits;
  throw new EdgewiseError('unsupported', `Codes of ${bits} bits are not read here.`);
}

/** Codes in lines of whole bytes. */
class Lines {
  private readonly bytes: number;

  constructor(
    private readonly packed: Uint8Array,
    private readonly bits: CodeBits,
    private readonly length: number,
  ) {
    this.bytes = lineBytes(bits, length);
  }

  code(line: number, at: number): number {
    const bit = at * this.bits;
    const byte = this.packed[line * this.bytes + (bit >> 3)] ?? 0;
    return (byte >> (bit & 7)) & (2 ** this.bits - 1);
  }

  /** Whole lines, one code a byte. */
  rows(first: number, count: number): Uint8Array {
    const codes = new Uint8Array(count * this.length);
    for (let line = 0; line < count; line++) {
      const from = (first + line) * this.bytes;
      const into = codes.subarray(line * this.length, (line + 1) * this.length);
      unpackCodes(this.bits, false, this.packed.subarray(from, from + this.bytes), into);
    }
    return codes;
  }

  /** Codes `first` to `first + count` of each of the lines, those of a place side by side. */
  columns(first: number, count: number, lines: number): Uint8Array {
    const codes = new Uint8Array(count * lines);
    for (let line = 0; line < lines; line++) {
      for (let at = 0; at < count; at++) codes[at * lines + line] = this.code(line, first + at);
    }
    return codes;
  }
}
