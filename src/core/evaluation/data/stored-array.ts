import { elementsOf } from '../../model/model';
import { bytesPerElement, zeros, type TensorData, type TensorDType } from '../../runtime/tensor';
import type { Region } from './bytes';
import { badData } from './complaint';
import type { Picture } from './data-set';
import { pictureOf, pictureOrder } from './picture';
import type { PictureOrder, RawArray } from './raw-set';

export interface StoredArrayFacts {
  readonly title: string;
  readonly dtype: TensorDType;
  readonly bigEndian: boolean;
  /** Samples along the first axis. */
  readonly shape: readonly number[];
  /** The values, row-major: exactly as many bytes as shape and dtype say. */
  readonly region: Region;
}

/**
 * The size that a file declares must be the size that is there, before anything is allocated by it.
 * @throws EdgewiseError `bad-data`
 */
export function checkSize({ title, dtype, shape, region }: StoredArrayFacts, file: string): void {
  const needed = elementsOf(shape) * bytesPerElement(dtype);
  if (needed !== region.length) {
    throw badData(file, `${title} declares ${needed} bytes of values and holds ${region.length}. Get the file again.`);
  }
  if (elementsOf(shape.slice(1)) === 0) throw badData(file, `${title} holds samples without values.`);
}

/** Row-major values in a file or in memory, read sample by sample. */
export class StoredArray implements RawArray {
  readonly title: string;
  readonly dtype: TensorDType;
  readonly length: number;
  readonly shape: readonly number[];
  readonly order: PictureOrder | null;
  readonly converted = false;
  private readonly bigEndian: boolean;
  private readonly region: Region;
  private readonly sampleBytes: number;

  constructor(facts: StoredArrayFacts) {
    const [length = 1, ...shape] = facts.shape;
    this.title = facts.title;
    this.dtype = facts.dtype;
    this.length = length;
    this.shape = shape;
    this.order = pictureOrder(shape);
    this.bigEndian = facts.bigEndian;
    this.region = facts.region;
    this.sampleBytes = elementsOf(shape) * bytesPerElement(facts.dtype);
  }

  async read(positions: readonly number[]): Promise<TensorData> {
    const { data } = zeros(this.dtype, [positions.length, ...this.shape]);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let first = 0; first < positions.length;) {
      const count = this.runLength(positions, first);
      const into = bytes.subarray(first * this.sampleBytes, (first + count) * this.sampleBytes);
      const offset = this.region.offset + (positions[first] ?? 0) * this.sampleBytes;
      await this.region.source.read(offset, into.byteLength, into);
      first += count;
    }
    if (this.bigEndian) swapBytes(bytes, bytesPerElement(this.dtype));
    return data;
  }

  /** The whole array: for labels. */
  readAll(): Promise<TensorData> {
    return this.read(Array.from({ length: this.length }, (_, index) => index));
  }

  async picture(position: number): Promise<Picture | null> {
    return this.order === null ? null : pictureOf(this.dtype, await this.read([position]), this.shape, this.order);
  }

  /** How many samples from `first` on lie one after the other in the file. */
  private runLength(positions: readonly number[], first: number): number {
    let count = 1;
    while (positions[first + count] === (positions[first] ?? 0) + count) count++;
    return count;
  }
}

function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  if (size === 4) buffer.swap32();
  if (size === 8) buffer.swap64();
}
