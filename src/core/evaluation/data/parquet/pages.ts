import type { AsyncBuffer, ColumnMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { badData } from '../complaint';

/** Of one column in one row group, unpacked. Hugging Face writes 100 MB; a whole group is in memory at a time. */
const LARGEST_CHUNK_BYTES = 1024 ** 3;
/** Numbers come as JavaScript values: 8 to 24 bytes each. */
const MOST_CHUNK_VALUES = 32 * 1024 ** 2;

/** Packing never makes a page longer than this beyond what it holds: of every codec by far less. */
const PACKING_SLACK_BYTES = 4096;
const PACKING_SLACK_SHARE = 1 / 16;

/** Bytes of the file from `start` on, in memory. */
interface Part {
  readonly start: number;
  readonly bytes: ArrayBuffer;
}

/**
 * The file as the decoder sees it for one column of one row group: what lies there is read once and held against what
 * its pages declare, before anything is allocated by it, since the decoder believes any size. Reading from memory also
 * leaves nothing under way when decoding fails.
 * @throws EdgewiseError `bad-data` for pages that cannot be so, or larger than memory should hold
 */
export async function checkedPart(
  buffer: AsyncBuffer,
  chunks: readonly ColumnMetaData[],
  file: string,
): Promise<AsyncBuffer> {
  const ranges = chunks.map(chunkRange);
  const start = Math.min(...ranges.map((range) => range.start));
  const end = Math.max(...ranges.map((range) => range.end));
  if (!(start >= 0 && end > start && end <= buffer.byteLength)) throw damaged(file);
  if (end - start > LARGEST_CHUNK_BYTES) throw tooLarge(file);
  const part = { start, bytes: await buffer.slice(start, end) };
  for (const range of ranges) checkPages(part, range, file);
  return {
    byteLength: buffer.byteLength,
    slice: (from, to = buffer.byteLength) => part.bytes.slice(Math.max(0, from - start), Math.max(0, to - start)),
  };
}

function checkPages(part: Part, range: { start: number; end: number }, file: string): void {
  const view = new DataView(part.bytes, range.start - part.start, range.end - range.start);
  const reader = { view, offset: 0 };
  let unpacked = 0;
  let values = 0;
  while (reader.offset < view.byteLength - 1) {
    const header = parquetHeader(reader);
    const facts = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    const sizes = [header.compressed_page_size, header.uncompressed_page_size, facts?.num_values ?? 0];
    if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) throw damaged(file);
    const longest = header.uncompressed_page_size * (1 + PACKING_SLACK_SHARE) + PACKING_SLACK_BYTES;
    if (header.compressed_page_size > longest) throw damaged(file);
    unpacked += header.uncompressed_page_size;
    values += facts?.num_values ?? 0;
    reader.offset += header.compressed_page_size;
    if (reader.offset > view.byteLength) throw damaged(file);
    if (unpacked > LARGEST_CHUNK_BYTES || values > MOST_CHUNK_VALUES) throw tooLarge(file);
  }
}

function chunkRange(column: ColumnMetaData): { start: number; end: number } {
  const data = Number(column.data_page_offset);
  const dictionary = Number(column.dictionary_page_offset ?? 0);
  // Some writers state a dictionary at 0, or behind its data, where there is none.
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  return { start, end: start + Number(column.total_compressed_size) };
}

export function damaged(file: string, cause?: unknown): Error {
  return badData(file, `"${file}" is damaged: its parts do not fit each other. Get it again.`, cause);
}

function tooLarge(file: string): Error {
  return badData(file, `"${file}" has parts (row groups) that unpack to over 1 GiB. Write it with smaller row groups.`);
}
