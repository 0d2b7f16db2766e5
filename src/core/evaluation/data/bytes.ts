import { open } from 'node:fs/promises';
import { createGunzip, type Gunzip, type InflateRaw } from 'node:zlib';
import { EdgewiseError } from '../../errors';
import type { ByteSource } from '../../formats/byte-source';
import { openFile } from '../../formats/file-source';
import { badData } from './complaint';
import { MemorySource } from './memory-source';
import { HEAD_BYTES } from './raw-set';

/** Most that is unpacked into memory from one compressed array: beyond it, uncompressed files are read by ranges. */
export const LARGEST_UNPACKED_BYTES = 2 * 1024 ** 3;
/** Compressed bytes read at a time. */
const CHUNK_BYTES = 1 << 20;

/** A part of a file, or bytes in memory. */
export interface Region {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
}

/** Opens a file of data; gzip is unpacked into memory. @throws EdgewiseError for files that cannot be read. */
export async function openBytes(path: string, name: string): Promise<ByteSource> {
  const file = await openFile(path);
  let kept = false;
  try {
    if (!(await isGzip(file))) {
      kept = true;
      return file;
    }
    const bytes = await unpack(createGunzip(), { source: file, offset: 0, length: file.size }, name);
    return new MemorySource(path, file.identity, bytes);
  } finally {
    if (!kept) await file.close();
  }
}

async function isGzip(file: ByteSource): Promise<boolean> {
  if (file.size < 2) return false;
  const magic = await file.read(0, 2);
  return magic[0] === 0x1f && magic[1] === 0x8b;
}

/** The first bytes of a file, unpacked where it is gzip; null for a folder. */
export async function headOf(path: string, name: string): Promise<Uint8Array | null> {
  if (await isFolder(path)) return null;
  const file = await openFile(path);
  try {
    const length = Math.min(file.size, CHUNK_BYTES);
    if (!(await isGzip(file))) return await file.read(0, Math.min(file.size, HEAD_BYTES));
    return await unpack(createGunzip(), { source: file, offset: 0, length }, name, HEAD_BYTES);
  } finally {
    await file.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'r');
    try {
      return (await handle.stat()).isDirectory();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Windows opens no folders; what else cannot be opened is told by whoever reads it as a file.
    return error instanceof Error && 'code' in error && error.code === 'EISDIR';
  }
}

/**
 * Unpacks a region through `unpacker`.
 * @param enough stop after this many bytes; otherwise all are wanted
 * @throws EdgewiseError `bad-data` for damaged streams, `limit` beyond `LARGEST_UNPACKED_BYTES`
 */
export async function unpack(
  unpacker: Gunzip | InflateRaw,
  region: Region,
  name: string,
  enough = Infinity,
): Promise<Uint8Array> {
  const feeding = feed(unpacker, region);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacker) {
      if (!Buffer.isBuffer(chunk)) continue;
      chunks.push(chunk);
      size += chunk.length;
      if (size >= enough) break;
      if (size > LARGEST_UNPACKED_BYTES) throw tooLarge(name);
    }
    if (size < enough) await feeding;
  } catch (cause) {
    if (cause instanceof EdgewiseError) throw cause;
    throw badData(name, `"${name}" is damaged: it cannot be unpacked. Get it again.`, cause);
  } finally {
    unpacker.destroy();
    await feeding.catch(() => undefined);
  }
  return Buffer.concat(chunks, size).subarray(0, Math.min(size, enough));
}

async function feed(unpacker: Gunzip | InflateRaw, region: Region): Promise<void> {
  const end = region.offset + region.length;
  for (let offset = region.offset; offset < end && !unpacker.destroyed; offset += CHUNK_BYTES) {
    const chunk = await region.source.read(offset, Math.min(CHUNK_BYTES, end - offset));
    if (!unpacker.destroyed && !unpacker.write(chunk)) await drained(unpacker);
  }
  if (!unpacker.destroyed) unpacker.end();
}

function drained(unpacker: Gunzip | InflateRaw): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unpacker.off('drain', done);
      unpacker.off('close', done);
      resolve();
    };
    unpacker.on('drain', done);
    unpacker.on('close', done);
  });
}

export function tooLarge(name: string): EdgewiseError {
  return new EdgewiseError(
    'limit',
    `"${name}" unpacks to more than 2 GiB. Save it uncompressed (numpy.savez), so that it is read piece by piece.`,
    { file: name },
  );
}
