import { decompressZstd } from 'hyparquet-compressors';

// Frames and blocks: RFC 8878, 3.1.1. The decoder believes every size in them, so they are looked at before.

const MAGIC = 0xfd2fb528;
/** Frames to skip have one of 16 magic numbers. */
const SKIPPED_MAGIC = 0x184d2a5;
/** Of one block, as the format has it. */
const LARGEST_BLOCK_BYTES = 128 * 1024;
/** Of the window that a decoder keeps: what zstd itself accepts unless told otherwise (2 ** 27). */
const LARGEST_WINDOW_BYTES = 128 * 1024 ** 2;
/** A block is 128 KiB, or some parts of that: pages of many smaller ones are made to take time. */
const LEAST_MEAN_BLOCK_BYTES = 512;
const FEW_BLOCKS = 16;

/** A frame of packed data. */
interface Frame {
  readonly start: number;
  readonly end: number;
  /** Unpacked; null where it does not say. */
  readonly size: number | null;
}

/**
 * A page in memory that is allocated by what the page declares, and by nothing else.
 * @throws Error for frames that do not make exactly `size` bytes, or that cannot be followed
 */
export function zstd(packed: Uint8Array, size: number): Uint8Array {
  const frames = framesOf(packed, size);
  const [only] = frames;
  if (frames.length === 1 && only !== undefined) return unpacked(packed, only, only.size ?? size, size);
  const out = new Uint8Array(size);
  let filled = 0;
  for (const frame of frames) {
    if (frame.size === null) throw new Error('zstd: several frames, and one does not say its size');
    out.set(unpacked(packed, frame, frame.size, size - filled), filled);
    filled += frame.size;
  }
  if (filled !== size) throw new Error(`zstd: frames hold ${filled} bytes, the page declares ${size}`);
  return out;
}

function unpacked(packed: Uint8Array, { start, end }: Frame, size: number, room: number): Uint8Array {
  if (size > room) throw new Error(`zstd: a frame of ${size} bytes where ${room} are declared`);
  return decompressZstd(packed.subarray(start, end), new Uint8Array(size));
}

/** @param size bytes that all frames may make together */
function framesOf(packed: Uint8Array, size: number): Frame[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const frames: Frame[] = [];
  let blocks = FEW_BLOCKS + Math.ceil(size / LEAST_MEAN_BLOCK_BYTES);
  for (let at = 0; at < view.byteLength;) {
    if (view.getUint32(at, true) >>> 4 === SKIPPED_MAGIC) {
      at += 8 + view.getUint32(at + 4, true);
      continue;
    }
    const frame = frameAt(view, at, size);
    blocks -= frame.blocks;
    if (blocks < 0) throw new Error('zstd: more blocks than such a page has');
    frames.push(frame);
    at = frame.end;
  }
  return frames;
}

function frameAt(view: DataView, start: number, most: number): Frame & { readonly blocks: number } {
  if (view.getUint32(start, true) !== MAGIC) throw new Error('zstd: no frame');
  const flags = view.getUint8(start + 4);
  const single = (flags & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][flags >>> 6] ?? 0;
  if (!single && windowOf(view.getUint8(start + 5)) > LARGEST_WINDOW_BYTES) throw new Error('zstd: window too large');
  const sizeAt = start + (single ? 5 : 6) + dictionaryBytes;
  const size = contentSize(view, sizeAt, sizeBytes);
  if (size !== null && size > most) throw new Error(`zstd: a frame of ${size} bytes where ${most} are declared`);
  const { end, count } = blocksFrom(view, sizeAt + sizeBytes);
  return { start, end: end + ((flags & 4) === 0 ? 0 : 4), size, blocks: count };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(view: DataView, at: number, bytes: number): number | null {
  switch (bytes) {
    case 0:
      return null;
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

/** Where the last block of a frame ends. */
function blocksFrom(view: DataView, start: number): { end: number; count: number } {
  let at = start;
  for (let count = 1; ; count++) {
    const header = view.getUint16(at, true) + view.getUint8(at + 2) * 2 ** 16;
    const size = header >>> 3;
    const kind = (header >>> 1) & 3;
    if (size > LARGEST_BLOCK_BYTES) throw new Error('zstd: block too large');
    // A block of one repeated byte is that byte.
    at += 3 + (kind === 1 ? 1 : size);
    if (at > view.byteLength) throw new Error('zstd: cut off');
    if ((header & 1) === 1) return { end: at, count };
  }
}
