import { badData } from '../complaint';

/** Samples of one channel, -1 to 1. */
export interface Sound {
  /** Hz. */
  readonly rate: number;
  readonly samples: Float32Array;
}

/** An hour and a half at 48 kHz in 16 bits of two channels: longer sounds are not samples. */
export const LARGEST_WAV_BYTES = 1024 ** 3;
const RIFF_HEADER = 12;
const CHUNK_HEADER = 8;
const PCM = 1;
const FLOAT = 3;
/** The real format stands in the first two bytes of a GUID. */
const EXTENSIBLE = 0xfffe;
const MOST_CHANNELS = 64;
const MOST_RATE = 1_000_000;

interface Format {
  readonly kind: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

export function isWav(bytes: Uint8Array): boolean {
  return text(bytes, 0) === 'RIFF' && text(bytes, 8) === 'WAVE';
}

/**
 * A WAV file (PCM of 8, 16, 24 or 32 bits, or floats of 32 or 64), channels averaged. A last chunk that is cut off, or
 * of unknown length as streams write it, gives what is there.
 * @throws EdgewiseError `bad-data` for other encodings and damaged files
 */
export function decodeWav(bytes: Uint8Array, name: string): Sound {
  if (bytes.byteLength > LARGEST_WAV_BYTES) throw badData(name, `"${name}" is larger than 1 GB: not a sample. Cut it.`);
  if (!isWav(bytes)) throw badData(name, `"${name}" is not a WAV file inside. Save it as WAV.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | null = null;
  for (let at = RIFF_HEADER; at + CHUNK_HEADER <= bytes.byteLength;) {
    const size = view.getUint32(at + 4, true);
    const start = at + CHUNK_HEADER;
    const kind = text(bytes, at);
    if (kind === 'fmt ') format = readFormat(view, start, size, name);
    if (kind === 'data') {
      if (format === null) break;
      return { rate: format.rate, samples: readSamples(view, start, Math.min(size, bytes.byteLength - start), format) };
    }
    at = start + size + (size & 1);
  }
  throw badData(name, `"${name}" is damaged: it holds no sound. Get it again.`);
}

function text(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function readFormat(view: DataView, start: number, size: number, name: string): Format {
  if (size < 16 || start + size > view.byteLength)
    throw badData(name, `"${name}" is damaged: it ends early. Get it again.`);
  const stated = view.getUint16(start, true);
  const kind = stated === EXTENSIBLE && size >= 26 ? view.getUint16(start + 24, true) : stated;
  const channels = view.getUint16(start + 2, true);
  const rate = view.getUint32(start + 4, true);
  const bits = view.getUint16(start + 14, true);
  const known = kind === PCM ? [8, 16, 24, 32].includes(bits) : kind === FLOAT && [32, 64].includes(bits);
  if (!known) throw badData(name, `"${name}" is compressed or of ${bits} bits. Save it as WAV with PCM of 16 bits.`);
  if (channels < 1 || channels > MOST_CHANNELS || rate < 1 || rate > MOST_RATE) {
    throw badData(name, `"${name}" is damaged: it states ${channels} channels at ${rate} Hz. Get it again.`);
  }
  return { kind, channels, rate, bits };
}

function readSamples(view: DataView, start: number, size: number, format: Format): Float32Array {
  const { channels, bits } = format;
  const bytes = bits / 8;
  const frames = Math.floor(size / (bytes * channels));
  const read = sampleReader(view, format);
  const samples = new Float32Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += read(start + (frame * channels + channel) * bytes);
    samples[frame] = sum / channels;
  }
  return samples;
}

function sampleReader(view: DataView, { kind, bits }: Format): (at: number) => number {
  if (kind === FLOAT) return bits === 32 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  // 8 bits are unsigned, all others signed.
  if (bits === 8) return (at) => (view.getUint8(at) - 128) / 128;
  if (bits === 16) return (at) => view.getInt16(at, true) / 2 ** 15;
  if (bits === 24) return (at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 2 ** 23;
  return (at) => view.getInt32(at, true) / 2 ** 31;
}
