import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { boundedCompressors } from '../../../src/core/evaluation/data/parquet/decompression';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { valuesAt, withSet } from './opened';

const fixtures = path.resolve(__dirname, '../../fixtures/data');
const folder = scratchFolder();
const input = { name: 'x', dtype: 'float32', shape: ['batch', 1] };
const CODECS = ['gzip', 'zstd', 'brotli', 'snappy'] as const;

/** Zigzag varint, as Thrift's compact protocol writes sizes. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value * 2; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

/** A file whose first page declares another size than it has. */
function lying(codec: string, declared: number): Uint8Array {
  const bytes = Uint8Array.from(readFileSync(path.join(fixtures, `zeros-${codec}.parquet`)));
  // The page follows the file's magic: its type, then what it is unpacked, of 20,000 floats and eight bytes of levels.
  const honest = [0x15, 0, 0x15, ...varint(20_000 * 4 + 8)];
  expect([...bytes.subarray(4, 4 + honest.length)]).toEqual(honest);
  const changed = varint(declared);
  expect(changed).toHaveLength(3);
  bytes.set(changed, 7);
  return bytes;
}

/** A frame of zstd: no size stated, a window of 8 MiB, so many blocks of 128 KiB of one byte. */
function repeatedBlocks(count: number): Uint8Array {
  const frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 13 << 3];
  for (let block = 0; block < count; block++) {
    const header = (131_072 << 3) | (1 << 1) | (block === count - 1 ? 1 : 0);
    frame.push(header & 0xff, (header >> 8) & 0xff, header >> 16, 7);
  }
  return Uint8Array.from(frame);
}

describe('a page of a Parquet file', () => {
  it.each(CODECS)('that is what it declares is read: %s', async (codec) => {
    await withSet(fixtures, `zeros-${codec}.parquet`, [input], async (set) => {
      expect(set.length).toBe(65_536);
      expect(await valuesAt(set, 'x', [0, 65_535])).toEqual([0, 0]);
    });
  });

  it.each(CODECS.flatMap((codec) => [8200, 80_007, 1_000_000].map((declared) => [codec, declared] as const)))(
    'that unpacks to more or less than it declares is refused: %s, %i',
    async (codec, declared) => {
      folder.write('lying.parquet', lying(codec, declared));
      const error = await errorOf(
        withSet(folder.path('.'), 'lying.parquet', [input], (set) => valuesAt(set, 'x', [0])),
      );
      expect(error.message).toMatch(/^"lying\.parquet" is damaged/);
      expect(isSentence(error.message)).toBe(true);
    },
  );
});

describe('what is packed a thousandfold', () => {
  const much = new Uint8Array(8 * 1024 ** 2);

  it('ends where the page says that it ends', () => {
    expect(() => boundedCompressors.GZIP?.(gzipSync(much), 100)).toThrow();
    expect(() => boundedCompressors.BROTLI?.(brotliCompressSync(much), 100)).toThrow();
    // 1.3 GB in 40 KB
    expect(() => boundedCompressors.ZSTD?.(repeatedBlocks(10_000), 100)).toThrow(/more blocks/);
    expect(boundedCompressors.ZSTD?.(repeatedBlocks(2), 262_144)).toEqual(new Uint8Array(262_144).fill(7));
  });

  it.each<[string, number[]]>([
    // No single segment: a window of 2 ** 41 bytes. A single segment: a content of 2 ** 40 bytes.
    ['window too large', [0x28, 0xb5, 0x2f, 0xfd, 0, 31 << 3, 1, 0, 0]],
    ['a frame of 1099511627776 bytes', [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]],
    ['block too large', [0x28, 0xb5, 0x2f, 0xfd, 0, 13 << 3, 0xfd, 0xff, 0xff, 0]],
    ['no frame', [1, 2, 3, 4, 5, 6, 7, 8]],
  ])('allocates nothing by what zstd’s headers claim: %s', (expected, bytes) => {
    expect(() => boundedCompressors.ZSTD?.(Uint8Array.from(bytes), 4096)).toThrow(expected);
  });

  it('may be several frames of zstd, each with its size, and frames to skip', () => {
    const raw = (byte: number): number[] => [0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, (3 << 3) | 1, 0, 0, byte, byte, byte];
    const skipped = [0x51, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
    const packed = Uint8Array.from([...raw(1), ...skipped, ...raw(2)]);
    expect(boundedCompressors.ZSTD?.(packed, 6)).toEqual(Uint8Array.of(1, 1, 1, 2, 2, 2));
    expect(() => boundedCompressors.ZSTD?.(packed, 7)).toThrow(/hold 6 bytes/);
  });
});
