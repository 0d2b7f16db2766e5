import { createInflateRaw } from 'node:zlib';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { EdgewiseError } from '../../errors';
import type { ByteSource } from '../../formats/byte-source';
import { LARGEST_UNPACKED_BYTES, tooLarge, unpack, type Region } from './bytes';
import { badData } from './complaint';
import { MemorySource } from './memory-source';

/** A .npz has an entry an array; more than this were never meant to be read. */
const MOST_ENTRIES = 100_000;
/** Deflate's best ratio: a larger declared size is a lie. */
const LARGEST_RATIO = 1032;
const STORED = 0;
const DEFLATED = 8;

export interface ZipEntry {
  readonly name: string;
  /** The entry's bytes: a range of the file where it is stored as it is, unpacked into memory where it is deflated. */
  open(): Promise<Region>;
}

/**
 * The entries of a zip file, in its order; the file is read by ranges.
 * @throws EdgewiseError `bad-data` when the directory is damaged; opening an entry throws it for damaged, encrypted or
 * unknown ones, and `limit` for huge deflated ones
 */
export async function readZipDirectory(source: ByteSource, file: string): Promise<ZipEntry[]> {
  const zip = await openDirectory(source, file);
  const entries: ZipEntry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.length === MOST_ENTRIES) throw badData(file, `"${file}" has more than ${MOST_ENTRIES} entries.`);
      entries.push({ name: entry.fileName, open: () => openEntry(zip, entry, source, file) });
    }
  } catch (cause) {
    throw damaged(file, cause);
  }
  return entries;
}

async function openDirectory(source: ByteSource, file: string): Promise<ZipFile> {
  try {
    const options = { autoClose: false, lazyEntries: true };
    return await fromRandomAccessReaderPromise(new SourceReader(source), source.size, options);
  } catch (cause) {
    if (EdgewiseError.is(cause) && cause.kind !== 'truncated') throw cause;
    throw badData(file, `"${file}" ends early: its table of contents is missing. Get it again.`, cause);
  }
}

async function openEntry(zip: ZipFile, entry: Entry, source: ByteSource, file: string): Promise<Region> {
  if (entry.isEncrypted()) throw badData(file, `"${file}" is encrypted. Save it without a password.`);
  const packed: Region = { source, offset: await dataStart(zip, entry, file), length: entry.compressedSize };
  if (packed.offset + packed.length > source.size) throw damaged(file);
  if (entry.compressionMethod === STORED) return packed;
  if (entry.compressionMethod !== DEFLATED) {
    throw badData(file, `"${file}" is packed in a way that NumPy does not use. Save it again.`);
  }
  const size = entry.uncompressedSize;
  if (size > packed.length * LARGEST_RATIO) throw damaged(file);
  if (size > LARGEST_UNPACKED_BYTES) throw tooLarge(file);
  // One byte more than declared, so that a stream that is longer shows.
  const bytes = await unpack(createInflateRaw(), packed, file, size + 1);
  if (bytes.byteLength !== size) throw damaged(file);
  return { source: new MemorySource(file, source.identity, bytes), offset: 0, length: size };
}

async function dataStart(zip: ZipFile, entry: Entry, file: string): Promise<number> {
  try {
    return (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart;
  } catch (cause) {
    throw damaged(file, cause);
  }
}

/** What the zip library reads through. The source belongs to whoever opened it, and is not closed with the reader. */
class SourceReader extends RandomAccessReader {
  constructor(private readonly source: ByteSource) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.source.read(position, length, buffer.subarray(offset, offset + length)).then(
      () => callback(null),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  }
}

function damaged(file: string, cause?: unknown): Error {
  if (EdgewiseError.is(cause) && cause.kind !== 'truncated') return cause;
  return badData(file, `"${file}" is damaged: its table of contents does not fit the file. Get it again.`, cause);
}
