import { link, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { EdgewiseError } from '../errors';
import { quoted, writingError } from '../formats/file-errors';
import { removeLeftovers, temporaryPrefix } from '../formats/leftovers';
import { syncFolder } from '../formats/temporary-file';

/**
 * A hidden folder beside a job's outputs. Files are made in it under their final names, and move out together once all
 * is well: until then nothing appears, and nothing that is there already is touched.
 */
export class Staging {
  private constructor(
    /** Where files are made. */
    readonly folder: string,
    /** Where they go. */
    readonly destination: string,
  ) {}

  /** @throws EdgewiseError `permission` for a read-only folder, `not-found`, `no-space` */
  static async beside(output: string): Promise<Staging> {
    const destination = path.dirname(output);
    await removeLeftovers(destination);
    try {
      return new Staging(await mkdtemp(path.join(destination, temporaryPrefix())), destination);
    } catch (error) {
      throw writingError(output, error);
    }
  }

  /** The path in the folder of a file that will be at `final`. */
  pathOf(final: string): string {
    return path.join(this.folder, path.basename(final));
  }

  /**
   * Moves files out, in this order; when one cannot, those already moved are taken back.
   * @throws EdgewiseError `exists` when a name was taken meanwhile, unless `overwrite`
   */
  async publish(names: readonly string[], overwrite: boolean): Promise<void> {
    const published: string[] = [];
    try {
      for (const name of names) {
        const target = path.join(this.destination, name);
        await move(path.join(this.folder, name), target, overwrite);
        published.push(target);
        // What a model needs is on the disk under its name before the model is.
        await syncFolder(this.destination);
      }
    } catch (error) {
      if (!overwrite) await Promise.all(published.map((file) => rm(file, { force: true })));
      throw error;
    }
  }

  /** Removes the folder with what is still in it. */
  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function move(from: string, to: string, overwrite: boolean): Promise<void> {
  try {
    // A rename replaces silently; a link fails when the name was taken meanwhile.
    if (overwrite) await rename(from, to);
    else await link(from, to).catch((error: unknown) => moveWithoutLinks(from, to, error));
  } catch (error) {
    throw writingError(to, error);
  }
}

/** File systems without hard links: what is left is a check just before. */
async function moveWithoutLinks(from: string, to: string, cause: unknown): Promise<void> {
  const taken = codeOf(cause) === 'EEXIST' || (await stat(to).catch(() => null)) !== null;
  if (taken)
    throw new EdgewiseError('exists', `${quoted(to)} appeared meanwhile. Nothing was written; choose another name.`, {
      file: to,
      cause,
    });
  await rename(from, to);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
