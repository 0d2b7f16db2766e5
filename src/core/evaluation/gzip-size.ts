import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { EdgewiseError } from '../errors';
import { readingError } from '../formats/file-errors';

/** gzip packs some 40 MB/s: larger models would wait half a minute for a figure that nobody asked for. */
const LARGEST_GZIPPED_BYTES = 512 * 1000 ** 2;

/**
 * Bytes of these files after gzip (default level), file by file; null beyond 512 MB. Nothing is kept.
 * @throws EdgewiseError `not-found`, `cancelled`
 */
export async function gzipBytes(paths: readonly string[], bytes: number, signal: AbortSignal): Promise<number | null> {
  if (bytes > LARGEST_GZIPPED_BYTES) return null;
  let total = 0;
  for (const path of paths) {
    const counter = new Writable({
      write(chunk: Buffer, _encoding, done) {
        total += chunk.length;
        done();
      },
    });
    try {
      await pipeline(createReadStream(path), createGzip(), counter, { signal });
    } catch (error) {
      if (signal.aborted) throw new EdgewiseError('cancelled', 'Cancelled. Nothing was written.', { cause: error });
      throw readingError(path, error);
    }
  }
  return total;
}
