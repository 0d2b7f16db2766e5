import { link, open, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { EdgewiseError } from '../errors';
import { FileSink } from './byte-sink';
import { quoted, writingError } from './file-errors';
import { removeLeftovers, temporaryPrefix } from './leftovers';

let made = 0;

/** A file under a temporary name in the folder of its final one. It gets its final name whole, or is removed. */
export class TemporaryFile {
  private closed = false;

  private constructor(
    /** The final name. */
    readonly target: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
    readonly sink: FileSink,
  ) {}

  /** @throws EdgewiseError `permission`, `not-found` when the folder is missing, `no-space`. */
  static async create(target: string): Promise<TemporaryFile> {
    const folder = path.dirname(target);
    await removeLeftovers(folder);
    made += 1;
    const temporary = path.join(folder, `${temporaryPrefix()}${made}.tmp`);
    try {
      const handle = await open(temporary, 'wx');
      return new TemporaryFile(target, temporary, handle, new FileSink(handle, target));
    } catch (error) {
      throw writingError(target, error);
    }
  }

  /** Puts all bytes on the disk and closes the file, still under its temporary name. */
  async complete(): Promise<void> {
    try {
      await this.sink.finish();
      await this.close();
    } catch (error) {
      throw writingError(this.target, error);
    }
  }

  /** Gives the file its final name in one step. @throws EdgewiseError `exists` unless `overwrite`. */
  async publish(overwrite: boolean): Promise<void> {
    try {
      if (overwrite) await rename(this.temporary, this.target);
      else await this.publishNew();
      await syncFolder(path.dirname(this.target));
    } catch (error) {
      throw writingError(this.target, error);
    }
  }

  /** A rename replaces silently; a link fails when the name was taken meanwhile. */
  private async publishNew(): Promise<void> {
    try {
      await link(this.temporary, this.target);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) throw existsError(this.target);
      // File systems without links: what is left is the check before the work.
      await rename(this.temporary, this.target);
      return;
    }
    // The file has its name: what is left of the temporary one is removed by discard or by the next write here.
    await unlink(this.temporary).catch(() => undefined);
  }

  /** Removes what was written. Does nothing once the file has its final name. */
  async discard(): Promise<void> {
    await this.sink.settle();
    await this.close().catch(() => undefined);
    await rm(this.temporary, { force: true }).catch(() => undefined);
  }

  private async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.handle.close();
  }
}

export function existsError(target: string): EdgewiseError {
  return new EdgewiseError('exists', `${quoted(target)} is already there. Choose another name.`, { file: target });
}

/** A new name is only safe once its folder is on the disk; systems that cannot do that do it themselves. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
