import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { EdgewiseError } from '../errors';
import { quoted, readingError } from '../formats/file-errors';
import { openFile } from '../formats/file-source';
import type { ModelFile } from '../model/model';
import { throwIfCancelled, type JobContext } from '../progress';

/** Large enough that reading is bound by the disk and the hash, not by calls. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * SHA-256, in hex, of a model's files one after the other: for a single file what `sha256sum` prints. Memory does not
 * grow with the file.
 */
export async function hashFiles(paths: readonly string[], { signal, progress }: JobContext): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  for (const file of paths) {
    throwIfCancelled(signal);
    try {
      for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
        throwIfCancelled(signal);
        hash.update(chunk);
        done += chunk.length;
        progress({ stage: `Reading ${path.basename(file)}`, done, total: null, unit: 'bytes' });
      }
    } catch (error) {
      throw readingError(file, error);
    }
  }
  return hash.digest('hex');
}

/**
 * Checks that a model's files are what was read: size, time of change and inode.
 * @throws EdgewiseError `changed`
 */
export async function checkUnchanged(files: readonly ModelFile[]): Promise<void> {
  for (const { path: file, identity } of files) {
    const source = await openFile(file);
    await source.close();
    if (source.identity !== identity)
      throw new EdgewiseError(
        'changed',
        `${quoted(file)} changed while it was being compressed. Nothing was kept; wait until it is complete, then try again.`,
        { file },
      );
  }
}
