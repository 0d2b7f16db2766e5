import { EdgewiseError } from '../../../errors';
import { throwIfCancelled, type JobContext } from '../../../progress';
import type { ByteSink } from '../../byte-sink';
import type { ModelSources } from '../../model-sources';
import { CHUNK_BYTES, type WeightReader } from '../../weight-reader';
import { partBytes, type Part } from './message';

/** Progress is told this often at most, in bytes: more would only cost time. */
const PROGRESS_BYTES = 1024 * 1024;

/** Writes the parts of messages to a sink: structure from memory, weights by range, streams as they are made. */
export class Emitter {
  private done = 0;
  private told = 0;
  private buffer: Uint8Array | null = null;

  constructor(
    private readonly sources: ModelSources,
    private readonly reader: WeightReader,
    private readonly context: JobContext,
    private readonly stage: string,
    /** Bytes of all parts together. */
    private readonly total: number,
  ) {}

  async emit(parts: readonly Part[], sink: ByteSink): Promise<void> {
    for (const part of parts) {
      throwIfCancelled(this.context.signal);
      const before = this.done;
      await this.emitPart(part, sink);
      if (this.done - before !== partBytes(part)) {
        throw new EdgewiseError('internal', 'A weight did not have as many bytes as it said, so nothing was written.');
      }
    }
    this.tell(true);
  }

  private async emitPart(part: Part, sink: ByteSink): Promise<void> {
    switch (part.kind) {
      case 'bytes':
        return this.write(part.bytes, sink);
      case 'zeros':
        return this.write(new Uint8Array(part.byteLength), sink);
      case 'weight':
        for await (const chunk of this.reader.stream(part.weight).chunks(this.context.signal)) {
          await this.write(chunk, sink);
        }
        return;
      case 'copied':
        for (const piece of part.outline.pieces(part)) {
          if (piece instanceof Uint8Array) await this.write(piece, sink);
          else await this.copyRange(piece.start, piece.end, sink);
        }
    }
  }

  /** A range of the model's own file, which the outline left out. */
  private async copyRange(start: number, end: number, sink: ByteSink): Promise<void> {
    this.buffer ??= new Uint8Array(CHUNK_BYTES);
    for (let offset = start; offset < end; offset += CHUNK_BYTES) {
      throwIfCancelled(this.context.signal);
      const chunk = this.buffer.subarray(0, Math.min(CHUNK_BYTES, end - offset));
      await this.sources.read(0, offset, chunk);
      await this.write(chunk, sink);
    }
  }

  private async write(bytes: Uint8Array, sink: ByteSink): Promise<void> {
    throwIfCancelled(this.context.signal);
    await sink.write(bytes);
    this.done += bytes.byteLength;
    this.tell(false);
  }

  private tell(last: boolean): void {
    if (!last && this.done - this.told < PROGRESS_BYTES) return;
    this.told = this.done;
    this.context.progress({ stage: this.stage, done: this.done, total: this.total, unit: 'bytes' });
  }
}
