import type { FileHandle } from 'node:fs/promises';
import { writingError } from './file-errors';

/** Where bytes go, in order. `bytes` may be reused by the caller once the promise is fulfilled. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
}

/** Large enough that a system call costs nothing beside what it moves; two are held. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/** Writes a file through two buffers: while one goes to disk, the other is filled. */
export class FileSink implements ByteSink {
  private buffer = new Uint8Array(BUFFER_BYTES);
  private spare = new Uint8Array(BUFFER_BYTES);
  private used = 0;
  private position = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly handle: FileHandle,
    /** The final name, for what is said when the disk refuses. */
    private readonly target: string,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    let taken = 0;
    while (taken < bytes.byteLength) {
      const count = Math.min(bytes.byteLength - taken, BUFFER_BYTES - this.used);
      this.buffer.set(bytes.subarray(taken, taken + count), this.used);
      this.used += count;
      taken += count;
      if (this.used === BUFFER_BYTES) await this.swap();
    }
  }

  /** Resolves when all bytes are on the disk. */
  async finish(): Promise<void> {
    await this.swap();
    await this.writing;
    await this.handle.sync();
  }

  /** Waits for a write that is under way, whatever comes of it, so that the file can be closed. */
  async settle(): Promise<void> {
    await this.writing.catch(() => undefined);
  }

  private async swap(): Promise<void> {
    await this.writing;
    const full = this.buffer.subarray(0, this.used);
    const at = this.position;
    this.position += this.used;
    this.used = 0;
    [this.buffer, this.spare] = [this.spare, this.buffer];
    this.writing = this.writeAll(full, at);
    // The next call awaits it; until then a failure must not count as unhandled.
    this.writing.catch(() => undefined);
  }

  private async writeAll(bytes: Uint8Array, at: number): Promise<void> {
    try {
      let done = 0;
      while (done < bytes.byteLength) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.byteLength - done, at + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw writingError(this.target, error);
    }
  }
}

/** Collects bytes in memory, into one buffer of a size that is known before. */
export class MemorySink implements ByteSink {
  readonly bytes: Uint8Array;
  private used = 0;

  constructor(byteLength: number) {
    this.bytes = new Uint8Array(byteLength);
  }

  write(bytes: Uint8Array): Promise<void> {
    this.bytes.set(bytes, this.used);
    this.used += bytes.byteLength;
    return Promise.resolve();
  }
}
