import { open } from 'node:fs/promises';
import { convertIndexedToRgb, decode as decodePng, hasPngSignature, type DecodedPng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import { messageOf } from '../../errors';
import { readingError } from '../../formats/file-errors';
import { badData } from './complaint';
import type { Picture } from './data-set';
import { toPicture } from './picture';

/** Larger pictures are no samples for a network, and would take gigabytes to decode. */
const MOST_MEGAPIXELS = 100;
const LARGEST_FILE_BYTES = 256 * 1024 ** 2;
/** For one JPEG: its coefficients take several times its pixels. */
const MOST_JPEG_MEMORY_MB = 2048;

/** What a file of pixels looks like once it is open. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: ArrayLike<number>;
}

/** One kind of image: a new one is one line in `DECODERS`. */
interface Decoder {
  readonly extensions: readonly string[];
  recognizes(bytes: Uint8Array): boolean;
  decode(bytes: Uint8Array): Pixels;
}

const DECODERS: readonly Decoder[] = [
  { extensions: ['.png'], recognizes: (bytes) => hasPngSignature(bytes), decode: pngPixels },
  {
    extensions: ['.jpg', '.jpeg'],
    recognizes: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8,
    decode: jpegPixels,
  },
];

/** With the dot, lower case. */
export const IMAGE_EXTENSIONS = DECODERS.flatMap(({ extensions }) => extensions);

/**
 * A PNG or JPEG file as gray or RGB bytes. Alpha is dropped, 16 bits keep their high byte.
 * @throws EdgewiseError `bad-data` naming the file
 */
export async function decodeImage(path: string, name: string, channels: 1 | 3): Promise<Picture> {
  return decodeImageBytes(await readWhole(path, name), name, channels);
}

/** The same of a file in memory. @throws EdgewiseError `bad-data` naming it */
export function decodeImageBytes(bytes: Uint8Array, name: string, channels: 1 | 3): Picture {
  const decoder = DECODERS.find((candidate) => candidate.recognizes(bytes));
  if (decoder === undefined) {
    throw badData(name, `"${name}" is neither a PNG nor a JPEG image inside. Remove it, or save it again.`);
  }
  try {
    const pixels = decoder.decode(bytes);
    return toPicture(pixels.data, pixels.width, pixels.height, pixels.channels, channels);
  } catch (cause) {
    throw badData(name, `"${name}" cannot be decoded: ${reason(cause)} Remove it, or save it again.`, cause);
  }
}

function reason(cause: unknown): string {
  // Decoders run beyond the end of what is cut off.
  if (cause instanceof RangeError || cause instanceof TypeError) return 'it is cut off or damaged.';
  const message = messageOf(cause).split('\n')[0] ?? '';
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** A file that holds one sample. @throws EdgewiseError `bad-data` for huge ones */
export async function readWhole(path: string, name: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > LARGEST_FILE_BYTES) throw badData(name, `"${name}" is larger than 256 MB: not a sample. Remove it.`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readingError(name, error);
  }
}

function pngPixels(bytes: Uint8Array): Pixels {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The IHDR chunk is first: its sizes are at bytes 16 and 20.
  if (bytes.byteLength < 33) throw new Error('it ends early.');
  if (header.getUint32(16) * header.getUint32(20) > MOST_MEGAPIXELS * 1e6)
    throw new Error('it is over 100 megapixels.');
  const png = decodePng(bytes);
  const { width, height } = png;
  if (png.palette) return { width, height, channels: png.palette[0]?.length ?? 3, data: convertIndexedToRgb(png) };
  // Two channels are gray and alpha.
  if (png.channels === 2) {
    const wide = png.data;
    const gray = Uint8Array.from({ length: width * height }, (_, pixel) => to8Bits(wide[pixel * 2] ?? 0, png.depth));
    return { width, height, channels: 1, data: gray };
  }
  return { width, height, channels: png.channels, data: png.depth < 8 ? unpackBits(png) : highBytes(png) };
}

function to8Bits(value: number, depth: number): number {
  return depth === 16 ? value >> 8 : value;
}

function highBytes(png: DecodedPng): ArrayLike<number> {
  return png.depth === 16 ? Uint8Array.from(png.data, (value) => value >> 8) : png.data;
}

/** Gray of 1, 2 or 4 bits: rows begin at bytes, high bits first. */
function unpackBits({ data, width, height, depth }: DecodedPng): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  return Uint8Array.from({ length: width * height }, (_, pixel) => {
    const column = pixel % width;
    const byte = data[Math.floor(pixel / width) * rowBytes + ((column * depth) >> 3)] ?? 0;
    return Math.round((((byte >> (8 - depth - ((column * depth) & 7))) & most) * 255) / most);
  });
}

function jpegPixels(bytes: Uint8Array): Pixels {
  const { width, height, data } = decodeJpeg(bytes, {
    useTArray: true,
    maxResolutionInMP: MOST_MEGAPIXELS,
    maxMemoryUsageInMB: MOST_JPEG_MEMORY_MB,
  });
  return { width, height, channels: 4, data };
}
