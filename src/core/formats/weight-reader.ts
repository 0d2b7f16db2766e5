import { quotedName } from './file-errors';
import { EdgewiseError } from '../errors';
import { packedBytes } from '../model/dtype';
import { elementsOf, type ByteStream, type Model, type Weight } from '../model/model';
import { throwIfCancelled } from '../progress';
import { ModelSources } from './model-sources';
import { SparseRanges } from './sparse-ranges';
import { VarintRanges } from './varint-ranges';

/** Chunks of a weight's stream: large enough that reading is bound by the disk, small enough to hold a few. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Reads weights of one model as dense little-endian bytes, packed (low bits first below 8 bits), whatever the storage.
 * Offsets and lengths count those dense bytes.
 */
export interface WeightReader {
  /**
   * Exactly `byteLength` bytes from `byteOffset`. Without `into` the answer is a buffer of its own, aligned for every
   * typed array; with it, its first `byteLength` bytes.
   * @throws EdgewiseError `changed` when the file is no longer what was read, `truncated`, `malformed`; `unsupported`
   * for strings.
   */
  read(weight: Weight, byteOffset: number, byteLength: number, into?: Uint8Array): Promise<Uint8Array>;
  /** All bytes in chunks of at most 4 MiB. A chunk is valid until the next one is asked for: copy what you keep. */
  stream(weight: Weight): ByteStream;
  close(): Promise<void>;
}

/** Dense bytes of a weight; 0 for strings, whose size is not fixed. */
export function weightBytes(weight: Weight): number {
  return packedBytes(weight.dtype, elementsOf(weight.shape));
}

/** @throws EdgewiseError `not-found` or `changed` when a file of the model is gone or not what was read. */
export async function openWeights(model: Model): Promise<WeightReader> {
  const sources = new ModelSources(model.files);
  await sources.checkFirst();
  return readerOver(sources);
}

/** A reader over files that the caller opens and closes. */
export function readerOver(sources: ModelSources): WeightReader {
  return new ModelWeightReader(sources);
}

class ModelWeightReader implements WeightReader {
  private readonly varints: VarintRanges;
  private readonly sparse: SparseRanges;

  constructor(private readonly sources: ModelSources) {
    this.varints = new VarintRanges(sources);
    this.sparse = new SparseRanges(this);
  }

  async read(weight: Weight, byteOffset: number, byteLength: number, into?: Uint8Array): Promise<Uint8Array> {
    const total = weightBytes(weight);
    if (byteOffset < 0 || byteLength < 0 || byteOffset + byteLength > total) {
      throw new EdgewiseError('internal', `The weight ${quotedName(weight.name)} has no bytes from ${byteOffset} on.`);
    }
    const target = into ? into.subarray(0, byteLength) : new Uint8Array(byteLength);
    if (target.byteLength < byteLength) {
      throw new EdgewiseError('internal', 'The buffer is smaller than what is read.');
    }
    await this.fill(weight, byteOffset, target);
    return target;
  }

  private async fill(weight: Weight, byteOffset: number, target: Uint8Array): Promise<void> {
    const { data } = weight;
    switch (data.kind) {
      case 'range':
        if (data.storage === 'varint') return this.varints.read(weight, data, byteOffset, target);
        return this.sources.read(data.file, data.offset + byteOffset, target);
      case 'bytes':
        target.set(data.bytes.subarray(byteOffset, byteOffset + target.byteLength));
        return;
      case 'stream':
        return fillFromStream(data.stream, byteOffset, target);
      case 'sparse':
        return this.sparse.read(weight, data, byteOffset, target);
      case 'strings':
        throw new EdgewiseError(
          'unsupported',
          `The weight ${quotedName(weight.name)} holds strings, which have no numbers.`,
        );
    }
  }

  stream(weight: Weight): ByteStream {
    if (weight.data.kind === 'stream') return weight.data.stream;
    const byteLength = weightBytes(weight);
    return { byteLength, chunks: (signal) => this.chunks(weight, byteLength, signal) };
  }

  private async *chunks(weight: Weight, byteLength: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, byteLength));
    for (let offset = 0; offset < byteLength; offset += buffer.byteLength) {
      if (signal) throwIfCancelled(signal);
      const length = Math.min(buffer.byteLength, byteLength - offset);
      yield await this.read(weight, offset, length, buffer);
    }
  }

  async close(): Promise<void> {
    await this.sources.close();
  }
}

/** Streams only run forward, so a range costs the way to it. */
async function fillFromStream(stream: ByteStream, byteOffset: number, target: Uint8Array): Promise<void> {
  const end = byteOffset + target.byteLength;
  let position = 0;
  if (target.byteLength === 0) return;
  for await (const chunk of stream.chunks()) {
    const from = Math.max(byteOffset, position);
    const to = Math.min(end, position + chunk.byteLength);
    if (from < to) target.set(chunk.subarray(from - position, to - position), from - byteOffset);
    position += chunk.byteLength;
    if (position >= end) return;
  }
  throw new EdgewiseError('internal', 'A stream of weights ended before its length.');
}
