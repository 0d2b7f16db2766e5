import { fstatSync, type BigIntStats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { EdgewiseError } from '../errors';
import type { ByteSource } from './byte-source';
import { directoryError, quoted, readingError } from './file-errors';

/**
 * Opens a file for reading by ranges.
 * @throws EdgewiseError `not-found`, `not-a-file` for a folder or a device, `permission`.
 */
export async function openFile(path: string): Promise<ByteSource> {
  let handle: FileHandle | undefined;
  try {
    // Before opening: a pipe that nobody writes to would never open.
    refuseOtherThanFile(path, await stat(path, { bigint: true }));
    handle = await open(path, 'r');
    return new FileSource(path, handle, await handle.stat({ bigint: true }));
  } catch (error) {
    await handle?.close();
    throw readingError(path, error);
  }
}

function refuseOtherThanFile(path: string, stats: BigIntStats): void {
  if (stats.isDirectory()) throw directoryError(path);
  if (stats.isFile()) return;
  throw new EdgewiseError('not-a-file', `${quoted(path)} is not an ordinary file. Name a model file.`, { file: path });
}

/** Changes when size, modification time or inode change. */
function identityOf(stats: BigIntStats): string {
  return `${stats.size}-${stats.mtimeNs}-${stats.ino}`;
}

class FileSource implements ByteSource {
  readonly size: number;
  readonly identity: string;

  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    stats: BigIntStats,
  ) {
    this.size = Number(stats.size);
    this.identity = identityOf(stats);
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new EdgewiseError(
        'truncated',
        `${quoted(this.path)} ends early: ${offset + length} bytes are needed, it has ${this.size}. Get the file again.`,
        { file: this.path },
      );
    }
    const target = into ? into.subarray(0, length) : Buffer.allocUnsafeSlow(length);
    if (target.byteLength < length) throw new EdgewiseError('internal', 'The buffer is smaller than what is read.');
    const complete = await this.fill(target, offset);
    // After the bytes, so that a change during the read is seen. Synchronous: it costs microseconds, a promise more.
    if (!complete || identityOf(fstatSync(this.handle.fd, { bigint: true })) !== this.identity) {
      throw new EdgewiseError(
        'changed',
        `${quoted(this.path)} changed while it was being read. Wait until it is complete, then try again.`,
        { file: this.path },
      );
    }
    return target;
  }

  private async fill(target: Uint8Array, offset: number): Promise<boolean> {
    let done = 0;
    try {
      while (done < target.byteLength) {
        const { bytesRead } = await this.handle.read(target, done, target.byteLength - done, offset + done);
        if (bytesRead === 0) return false;
        done += bytesRead;
      }
    } catch (error) {
      throw readingError(this.path, error);
    }
    return true;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
