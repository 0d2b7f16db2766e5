import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { messageOf } from '../../errors';
import type { Tensor } from '../../runtime/tensor';
import type { TeacherAnswers } from './teacher';

/** The first bytes of the file; the number is its version. */
const MAGIC = 'EWTEACH1';
/** Magic, identity (SHA-256), then three uint32: samples, variants, values a sample. */
const HEADER_BYTES = 64;
/** Answers of ImageNet's 1.28 million pictures in 1000 classes take 5 GB; what is beyond is asked for anew each time. */
export const MOST_CACHED_BYTES = 8 * 1024 ** 3;

export interface CacheLayout {
  readonly samples: number;
  /** In how many ways each sample is changed. */
  readonly variants: number;
  /** Values a sample of the output, then of each hint. */
  readonly sizes: readonly number[];
}

/** Bytes of a whole cache file. */
export function cacheBytes({ samples, variants, sizes }: CacheLayout): number {
  return HEADER_BYTES + samples * variants * (1 + 4 * valuesOf(sizes));
}

/**
 * A teacher's answers on disk: one file with a mark for each sample and variant, then float32 in their order. It is
 * filled as samples come, and a run that goes on after a stop finds what is there. A disk that is full, or gone, ends
 * the keeping and not the training.
 */
export class TeacherCache {
  private readonly marks: Uint8Array;
  private readonly values: number;
  private broken: string | null = null;

  private constructor(
    private readonly path: string,
    private readonly file: number,
    private readonly layout: CacheLayout,
    marks: Uint8Array | null,
  ) {
    this.marks = marks ?? new Uint8Array(layout.samples * layout.variants);
    this.values = valuesOf(layout.sizes);
  }

  /**
   * Opens what was kept of the same teachers, data and preprocessing, or begins anew.
   * @param identity SHA-256, in hex
   * @throws what the file system says where there is no place for the file
   */
  static open(path: string, identity: string, layout: CacheLayout): TeacherCache {
    const header = headerOf(identity, layout);
    const kept = openKept(path, header, layout);
    if (kept) return new TeacherCache(path, kept.file, layout, kept.marks);
    const file = openSync(path, 'w+', 0o600);
    try {
      ftruncateSync(file, cacheBytes(layout));
      writeSync(file, header, 0, HEADER_BYTES, 0);
    } catch (error) {
      closeSync(file);
      rmSync(path, { force: true });
      throw error;
    }
    return new TeacherCache(path, file, layout, null);
  }

  /** Why nothing more is kept; null while all is well. */
  get failure(): string | null {
    return this.broken;
  }

  /** Answers to samples; null where one of them is not there. */
  read(positions: readonly number[], variant: number): TeacherAnswers | null {
    if (!positions.every((position) => this.marks[this.slot(position, variant)] === 1)) return null;
    const { sizes } = this.layout;
    const parts = sizes.map((size) => new Float32Array(positions.length * size));
    const row = new Float32Array(this.values);
    for (const [index, position] of positions.entries()) {
      if (readSync(this.file, row, 0, row.byteLength, this.place(this.slot(position, variant))) !== row.byteLength)
        return null;
      let begin = 0;
      for (const [part, size] of sizes.entries()) {
        parts[part]?.set(row.subarray(begin, begin + size), index * size);
        begin += size;
      }
    }
    const [output = emptyTensor, ...hints] = parts.map((data, part): Tensor => ({
      dtype: 'float32',
      shape: [positions.length, sizes[part] ?? 0],
      data,
    }));
    return { output, hints };
  }

  /** Keeps answers: values first, marks after them. */
  write(positions: readonly number[], variant: number, { output, hints }: TeacherAnswers): void {
    if (this.broken !== null) return;
    const { sizes } = this.layout;
    const tensors = [output, ...hints];
    const row = new Float32Array(this.values);
    try {
      for (const [index, position] of positions.entries()) {
        let begin = 0;
        for (const [part, size] of sizes.entries()) {
          for (let at = 0; at < size; at++) row[begin + at] = Number(tensors[part]?.data[index * size + at]);
          begin += size;
        }
        writeSync(this.file, row, 0, row.byteLength, this.place(this.slot(position, variant)));
      }
      for (const position of positions) this.mark(this.slot(position, variant));
    } catch (error) {
      this.broken = messageOf(error);
    }
  }

  close(): void {
    closeSync(this.file);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  private mark(slot: number): void {
    this.marks[slot] = 1;
    writeSync(this.file, this.marks, slot, 1, HEADER_BYTES + slot);
  }

  private slot(position: number, variant: number): number {
    return variant * this.layout.samples + position;
  }

  private place(slot: number): number {
    return HEADER_BYTES + this.marks.length + slot * this.values * 4;
  }
}

const emptyTensor: Tensor = { dtype: 'float32', shape: [0, 0], data: new Float32Array(0) };

const valuesOf = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

function headerOf(identity: string, { samples, variants, sizes }: CacheLayout): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(Buffer.from(MAGIC, 'latin1'));
  header.set(Buffer.from(identity, 'hex').subarray(0, 32), 8);
  const view = new DataView(header.buffer);
  [samples, variants, valuesOf(sizes)].forEach((number, index) => {
    view.setUint32(40 + 4 * index, number, true);
  });
  return header;
}

function openKept(path: string, header: Uint8Array, layout: CacheLayout): { file: number; marks: Uint8Array } | null {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch {
    return null;
  }
  const found = new Uint8Array(HEADER_BYTES);
  const marks = new Uint8Array(layout.samples * layout.variants);
  const isSame =
    readSync(file, found, 0, HEADER_BYTES, 0) === HEADER_BYTES &&
    found.every((byte, index) => byte === header[index]) &&
    readSync(file, marks, 0, marks.byteLength, HEADER_BYTES) === marks.byteLength;
  if (isSame) return { file, marks };
  closeSync(file);
  return null;
}
