import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { EdgewiseError } from '../errors';
import type { ModelSources } from '../formats/model-sources';
import type { Model } from '../model/model';

/** Bytes of one of a model's files. */
export interface FileRange {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Bytes of what a model's files hold beside some ranges, packed by gzip at its default level, or as they are where
 * that is less.
 * @param taken in the order of the files, none over another
 * @throws EdgewiseError `cancelled`, `changed`, `truncated`
 */
export async function packedRest(
  model: Model,
  taken: readonly FileRange[],
  sources: ModelSources,
  signal: AbortSignal,
): Promise<number> {
  const gaps = gapsBetween(model, taken);
  const total = gaps.reduce((sum, { length }) => sum + length, 0);
  let packed = 0;
  const counter = new Writable({
    write(chunk: Buffer, _encoding, done) {
      packed += chunk.length;
      done();
    },
  });
  try {
    await pipeline(Readable.from(chunksOf(gaps, sources)), createGzip(), counter, { signal });
  } catch (error) {
    if (signal.aborted) throw new EdgewiseError('cancelled', 'Cancelled. Nothing was written.', { cause: error });
    throw error;
  }
  return Math.min(total, packed);
}

function gapsBetween({ files }: Model, taken: readonly FileRange[]): FileRange[] {
  return files.flatMap(({ size }, file) => {
    const gaps: FileRange[] = [];
    let begin = 0;
    for (const { offset, length } of taken.filter((range) => range.file === file)) {
      gaps.push({ file, offset: begin, length: offset - begin });
      begin = offset + length;
    }
    return [...gaps, { file, offset: begin, length: size - begin }].filter(({ length }) => length > 0);
  });
}

async function* chunksOf(gaps: readonly FileRange[], sources: ModelSources): AsyncGenerator<Uint8Array> {
  for (const { file, offset, length } of gaps) {
    for (let done = 0; done < length; done += CHUNK_BYTES) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, length - done));
      await sources.read(file, offset + done, chunk);
      yield chunk;
    }
  }
}
