import { createInflateRaw } from 'node:zlib';
import type { ByteSource } from '../../formats/byte-source';
import { LARGEST_UNPACKED_BYTES, tooLarge, unpack, type Region } from './bytes';
import { badData } from './complaint';
import { MemorySource } from './memory-source';

// PKWARE's APPNOTE 6.3.10: end of central directory (4.3.16), its zip64 form (4.3.14), entries (4.3.12).

export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly packedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const LOCATOR_BYTES = 20;
const ZIP64_END_BYTES = 56;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
/** A .npz has an entry an array; this is room for over 100,000. */
const LARGEST_DIRECTORY_BYTES = 16 * 1024 ** 2;
/** Deflate's best ratio: a larger declared size is a lie. */
const LARGEST_RATIO = 1032;
const ZIP64 = 0xffffffff;

/** The entries of a zip file, in its order. @throws EdgewiseError `bad-data` when the directory is damaged. */
export async function readZipDirectory(source: ByteSource, file: string): Promise<ZipEntry[]> {
  const { offset, length } = await findDirectory(source, file);
  if (length > LARGEST_DIRECTORY_BYTES || offset + length > source.size) throw damaged(file);
  const bytes = Buffer.from(await source.read(offset, length));
  const entries: ZipEntry[] = [];
  for (let at = 0; at + ENTRY_BYTES <= length && bytes.readUInt32LE(at) === 0x02014b50;) {
    const nameLength = bytes.readUInt16LE(at + 28);
    const extraLength = bytes.readUInt16LE(at + 30);
    const end = at + ENTRY_BYTES + nameLength + extraLength + bytes.readUInt16LE(at + 32);
    if (end > length) throw damaged(file);
    const nameEnd = at + ENTRY_BYTES + nameLength;
    const extra = bytes.subarray(nameEnd, nameEnd + extraLength);
    const [size, packedSize, headerOffset] = widened(
      [bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)],
      extra,
      file,
    );
    entries.push({
      name: bytes.toString('utf8', at + ENTRY_BYTES, nameEnd),
      method: bytes.readUInt16LE(at + 10),
      encrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
      packedSize,
      size,
      headerOffset,
    });
    at = end;
  }
  return entries;
}

async function findDirectory(source: ByteSource, file: string): Promise<{ offset: number; length: number }> {
  const tailBytes = Math.min(source.size, END_BYTES + LONGEST_COMMENT);
  const tailStart = source.size - tailBytes;
  const tail = Buffer.from(await source.read(tailStart, tailBytes));
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || end + END_BYTES > tailBytes) {
    throw badData(file, `"${file}" ends early: its table of contents is missing. Get it again.`);
  }
  const plain = { offset: tail.readUInt32LE(end + 16), length: tail.readUInt32LE(end + 12) };
  if (plain.offset !== ZIP64 && plain.length !== ZIP64) return plain;
  const locator = tailStart + end - LOCATOR_BYTES;
  if (locator < 0) throw damaged(file);
  const at = number64(Buffer.from(await source.read(locator, LOCATOR_BYTES)), 8, file);
  if (at + ZIP64_END_BYTES > source.size) throw damaged(file);
  const record = Buffer.from(await source.read(at, ZIP64_END_BYTES));
  if (record.readUInt32LE(0) !== 0x06064b50) throw damaged(file);
  return { offset: number64(record, 48, file), length: number64(record, 40, file) };
}

/** Sizes and offset of an entry; those that do not fit 32 bits are in its zip64 field, in this order. */
function widened(
  values: readonly [number, number, number],
  extra: Buffer,
  file: string,
): readonly [number, number, number] {
  if (!values.includes(ZIP64)) return values;
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  const wide = (value: number): number => {
    if (value !== ZIP64) return value;
    at += 8;
    return number64(extra, at - 8, file);
  };
  return [wide(values[0]), wide(values[1]), wide(values[2])];
}

function number64(bytes: Buffer, at: number, file: string): number {
  if (at + 8 > bytes.length) throw damaged(file);
  const value = Number(bytes.readBigUInt64LE(at));
  if (!Number.isSafeInteger(value)) throw damaged(file);
  return value;
}

/**
 * The bytes of an entry: a range of the file where it is stored as it is, unpacked into memory where it is deflated.
 * @throws EdgewiseError `bad-data` for damaged, encrypted or unknown entries, `limit` for huge deflated ones
 */
export async function openZipEntry(source: ByteSource, entry: ZipEntry, file: string): Promise<Region> {
  if (entry.encrypted) throw badData(file, `"${file}" is encrypted. Save it without a password.`);
  if (entry.headerOffset + LOCAL_BYTES > source.size) throw damaged(file);
  const local = Buffer.from(await source.read(entry.headerOffset, LOCAL_BYTES));
  if (local.readUInt32LE(0) !== 0x04034b50) throw damaged(file);
  const offset = entry.headerOffset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed: Region = { source, offset, length: entry.packedSize };
  if (offset + entry.packedSize > source.size) throw damaged(file);
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw badData(file, `"${file}" is packed in a way that NumPy does not use. Save it again.`);
  if (entry.size > entry.packedSize * LARGEST_RATIO) throw damaged(file);
  if (entry.size > LARGEST_UNPACKED_BYTES) throw tooLarge(file);
  // One byte more than declared, so that a stream that is longer shows.
  const bytes = await unpack(createInflateRaw(), packed, file, entry.size + 1);
  if (bytes.byteLength !== entry.size) throw damaged(file);
  return { source: new MemorySource(file, source.identity, bytes), offset: 0, length: entry.size };
}

function damaged(file: string): Error {
  return badData(file, `"${file}" is damaged: its table of contents does not fit the file. Get it again.`);
}
