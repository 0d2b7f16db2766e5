import { streamFeed } from '../../../../compression/encodings/byte-feed';
import type { AffineTensor } from '../../../../compression/encodings/encoded-tensor';
import { packCodes, unpackCodes, type CodeBits } from '../../../../compression/encodings/packing';
import type { Attribute, ByteStream, Node, Weight } from '../../../../model/model';
import { floatStream } from '../scale-streams';
import { streamedWeight, GENERATED, type UnpackedWeight } from '../unpacked-weight';
import type { FreshNames } from '../../../../compression/graph/fresh-names';

const DOMAIN = 'com.microsoft';
const SMALLEST_BLOCK = 16;
const LARGEST_BLOCK = 256;

/** True for what `MatMulNBits` of ONNX Runtime multiplies by: blocks of 16, 32 … 256 down each column. */
export function fitsNBits(bits: number, axis: number | null, block: number | null): boolean {
  if ((bits !== 4 && bits !== 8) || axis !== 0 || block === null) return false;
  return block >= SMALLEST_BLOCK && block <= LARGEST_BLOCK && Number.isInteger(Math.log2(block));
}

/**
 * The right side `[K, N]` of a matrix product inside the node that multiplies by it: codes `[N, blocks, block * bits / 8]`
 * with their zero in the middle, a scale for each block, zero points packed like codes. The codes keep the weight's name.
 * The runtime rounds the other side to 8 bits where that is faster.
 */
export function storeNBits(reader: Node, tensor: AffineTensor, name: string, names: FreshNames): UnpackedWeight {
  const blocks = new ColumnBlocks(tensor);
  const { rows, columns, count, block, bits } = blocks;
  const weights: Weight[] = [
    streamedWeight(name, 'uint8', [columns, count, (block * bits) / 8], blocks.codes()),
    streamedWeight(names.numbered(GENERATED), 'float32', [columns * count], blocks.scales()),
  ];
  if (!tensor.symmetric || !tensor.signed) {
    const bytes = Math.ceil((count * bits) / 8);
    weights.push(streamedWeight(names.numbered(GENERATED), 'uint8', [columns * bytes], blocks.zeroPoints()));
  }
  const attributes = { K: rows, N: columns, bits, block_size: block };
  const node: Node = {
    ...reader,
    opType: 'MatMulNBits',
    domain: DOMAIN,
    inputs: [reader.inputs[0] ?? '', ...weights.map((weight) => weight.name)],
    attributes: new Map(
      Object.entries(attributes).map(([key, value]): [string, Attribute] => [key, { kind: 'int', value }]),
    ),
  };
  return { weights, nodes: [], readers: new Map([[reader, [node]]]), needs: { opsets: new Map([[DOMAIN, 1]]) } };
}

class ColumnBlocks {
  readonly rows: number;
  readonly columns: number;
  readonly block: number;
  readonly bits: CodeBits;
  /** Blocks down a column. */
  readonly count: number;
  /** What signed codes are stored plus. */
  private readonly middle: number;

  constructor(private readonly tensor: AffineTensor) {
    [this.rows = 1, this.columns = 1] = tensor.shape;
    this.block = tensor.block ?? this.rows;
    this.bits = tensor.bits === 4 ? 4 : 8;
    this.count = Math.ceil(this.rows / this.block);
    this.middle = tensor.signed ? 2 ** (tensor.bits - 1) : 0;
  }

  /** The codes are turned over whole: they are in memory, packed and a byte each. */
  codes(): ByteStream {
    const byteLength = (this.columns * this.count * this.block * this.bits) / 8;
    const { tensor, rows, columns, bits } = this;
    return {
      byteLength,
      chunks: async function* (this: ColumnBlocks, signal?: AbortSignal) {
        const packed = new Uint8Array(tensor.codes.byteLength);
        const feed = streamFeed(tensor.codes).open(signal);
        try {
          await feed.fill(packed);
        } finally {
          await feed.close();
        }
        const codes = new Uint8Array(rows * columns);
        unpackCodes(bits, tensor.signed, packed, codes);
        const { zeroPoint } = await tensor.scales(signal);
        for (let column = 0; column < columns; column++) yield packCodes(bits, this.column(codes, column, zeroPoint));
      }.bind(this),
    };
  }

  /** One column's codes; what fills its last block stands for zero. */
  private column(codes: Uint8Array, column: number, zeroPoint: Int32Array | null): Uint8Array {
    const last = zeroPoint?.[(this.count - 1) * this.columns + column] ?? 0;
    const result = new Uint8Array(this.count * this.block).fill(last + this.middle);
    for (let row = 0; row < this.rows; row++) {
      result[row] = (codes[row * this.columns + column] ?? 0) + this.middle;
    }
    return result;
  }

  scales(): ByteStream {
    return floatStream(this.columns * this.count, async (signal) => {
      const { scale } = await this.tensor.scales(signal);
      return Float32Array.from(scale, (_, index) => scale[this.turned(index)] ?? 0);
    });
  }

  zeroPoints(): ByteStream {
    const byteLength = this.columns * Math.ceil((this.count * this.bits) / 8);
    const { tensor, count, columns, bits, middle } = this;
    return {
      byteLength,
      async *chunks(signal) {
        const { zeroPoint } = await tensor.scales(signal);
        for (let column = 0; column < columns; column++) {
          const codes = Uint8Array.from(
            { length: count },
            (_, at) => (zeroPoint?.[at * columns + column] ?? 0) + middle,
          );
          yield packCodes(bits, codes);
        }
      },
    };
  }

  /** From `[columns, blocks]` to `[blocks, columns]`. */
  private turned(index: number): number {
    const at = index % this.count;
    return at * this.columns + (index - at) / this.count;
  }
}
