import { streamFeed } from '../../../../compression/encodings/byte-feed';
import type {
  AffineTensor,
  DenseTensor,
  EncodedTensor,
  PaletteTensor,
} from '../../../../compression/encodings/encoded-tensor';
import { isCodeBits, type CodeBits } from '../../../../compression/encodings/packing';
import { EdgewiseError } from '../../../../errors';
import { bitsOf } from '../../../../model/dtype';
import { elementsOf, type ByteStream } from '../../../../model/model';
import { packedCodes, unpackedCodes } from '../unpacking/regrouped';

/** Elements of an axis, the last one excluded. */
export interface Part {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

/** What a tensor is cut into parts of: how many values there are is known of these before they are read. */
export type Divisible = DenseTensor | AffineTensor | PaletteTensor;

export function isDivisible(tensor: EncodedTensor): tensor is Divisible {
  return tensor.kind !== 'sparse';
}

/** Elements of the axis that stay together: a block with one scale, a group with one palette. */
export function indivisible(tensor: Divisible, axis: number): number {
  if (tensor.kind === 'affine' && tensor.axis === axis) return tensor.block ?? 1;
  if (tensor.kind === 'palette' && tensor.axis === axis) return (tensor.shape[axis] ?? 1) / tensor.groups;
  return 1;
}

/**
 * A part of a tensor along one of its axes, encoded as the whole is. The whole is gone through for each part.
 * @param part its ends lie between blocks and groups, see `indivisible`
 */
export function partOf(tensor: Divisible, part: Part): Divisible {
  const shape = tensor.shape.map((length, at) => (at === part.axis ? part.end - part.start : length));
  switch (tensor.kind) {
    case 'dense': {
      const data = cut(tensor.data, tensor.shape, part, bitsOf(tensor.dtype) / 8);
      return { ...tensor, shape, data };
    }
    case 'affine':
      return { ...tensor, shape, codes: cutCodes(tensor, part), scales: cutScales(tensor, part) };
    case 'palette':
      return { ...tensor, shape, codes: cutCodes(tensor, part), ...cutTables(tensor, part) };
  }
}

function cutCodes({ codes, bits, shape }: AffineTensor | PaletteTensor, part: Part): ByteStream {
  const width = codeBits(bits);
  return packedCodes(cut(unpackedCodes(codes, width, elementsOf(shape)), shape, part, 1), width);
}

function codeBits(bits: number): CodeBits {
  if (isCodeBits(bits)) return bits;
  throw new EdgewiseError('unsupported', `Codes of ${bits} bits are not stored here.`);
}

/** @param size bytes of an element */
function cut(whole: ByteStream, shape: readonly number[], { axis, start, end }: Part, size: number): ByteStream {
  const rows = elementsOf(shape.slice(0, axis));
  const inner = elementsOf(shape.slice(axis + 1)) * size;
  const [before, length, after] = [start * inner, (end - start) * inner, ((shape[axis] ?? 1) - end) * inner];
  return {
    byteLength: rows * length,
    async *chunks(signal) {
      const feed = streamFeed(whole).open(signal);
      try {
        for (let row = 0; row < rows; row++) {
          await pass(feed, before);
          for (let done = 0; done < length; done += STEP_BYTES) {
            const piece = new Uint8Array(Math.min(STEP_BYTES, length - done));
            await feed.fill(piece);
            yield piece;
          }
          if (row < rows - 1) await pass(feed, after);
        }
      } finally {
        await feed.close();
      }
    },
  };
}

const STEP_BYTES = 512 * 1024;

async function pass(feed: { fill(target: Uint8Array): Promise<void> }, length: number): Promise<void> {
  for (let done = 0; done < length; done += STEP_BYTES) {
    await feed.fill(new Uint8Array(Math.min(STEP_BYTES, length - done)));
  }
}

function cutScales(tensor: AffineTensor, { axis, start, end }: Part): AffineTensor['scales'] {
  const { shape, block } = tensor;
  if (tensor.axis === null || (block === null && tensor.axis !== axis)) return (signal) => tensor.scales(signal);
  const along = tensor.axis;
  const blocks =
    block === null
      ? [shape[along] ?? 1]
      : shape.map((length, at) => (at === along ? Math.ceil(length / block) : length));
  const at = block === null ? 0 : axis;
  const unit = block !== null && along === axis ? block : 1;
  const ends = { axis: at, start: start / unit, end: Math.ceil(end / unit) };
  return async (signal) => {
    const { scale, zeroPoint } = await tensor.scales(signal);
    const places = placesIn(blocks, ends);
    return {
      scale: Float32Array.from(places, (place) => scale[place] ?? 0),
      zeroPoint: zeroPoint === null ? null : Int32Array.from(places, (place) => zeroPoint[place] ?? 0),
    };
  };
}

/** Where the elements of a part are in the whole, both row-major. */
function placesIn(shape: readonly number[], { axis, start, end }: Part): number[] {
  const inner = elementsOf(shape.slice(axis + 1));
  const length = shape[axis] ?? 1;
  const places: number[] = [];
  for (let row = 0; row < elementsOf(shape.slice(0, axis)); row++) {
    for (let index = start * inner; index < end * inner; index++) places.push(row * length * inner + index);
  }
  return places;
}

function cutTables(tensor: PaletteTensor, part: Part): Pick<PaletteTensor, 'groups' | 'axis' | 'table'> {
  const { axis, groups, bits } = tensor;
  if (axis !== part.axis) return { axis, groups, table: (signal) => tensor.table(signal) };
  const size = indivisible(tensor, axis);
  const [first, last] = [part.start / size, part.end / size];
  return {
    axis: last - first === 1 ? null : axis,
    groups: last - first,
    table: async (signal) => (await tensor.table(signal)).slice(first * 2 ** bits, last * 2 ** bits),
  };
}
