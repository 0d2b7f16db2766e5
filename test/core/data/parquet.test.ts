import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { valuesAt, withSet } from './opened';

const fixtures = path.resolve(__dirname, '../../fixtures/data');
const folder = scratchFolder();

const picture = { name: 'pixels', dtype: 'float32', shape: ['batch', 3, 2, 2] };
const sizes = { name: 'sizes', dtype: 'float32', shape: ['batch', 2] };

describe('a Parquet file of Hugging Face', () => {
  it('holds images and class numbers with names, in row groups', async () => {
    await withSet(
      fixtures,
      'pictures.parquet',
      [picture],
      async (set) => {
        expect(set).toMatchObject({ length: 5, classNames: ['cat', 'dog', 'owl'] });
        expect(set.labels).toEqual(Int32Array.of(0, 1, 2, 1, 0));
        expect(await valuesAt(set, 'pixels', [3, 0])).toEqual([
          ...[40, 40, 40, 40, 100, 100, 100, 100, 200, 200, 200, 200],
          ...[10, 10, 10, 10, 100, 100, 100, 100, 200, 200, 200, 200],
        ]);
        // The last is a JPEG.
        const [red = 0] = await valuesAt(set, 'pixels', [4]);
        expect(Math.abs(red - 50)).toBeLessThanOrEqual(2);
        expect(await set.picture(1)).toMatchObject({ width: 8, height: 8, channels: 3 });
      },
      { input: { scale: 1 } },
    );
  });

  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'])('may be packed by %s', async (codec) => {
    await withSet(fixtures, { path: `numbers-${codec}.parquet`, label: 'species' }, [sizes], async (set) => {
      expect(set).toMatchObject({ length: 40, classNames: ['alder', 'birch'] });
      expect(set.labels?.subarray(0, 4)).toEqual(Int32Array.of(0, 1, 1, 0));
      expect(await valuesAt(set, 'sizes', [39, 1])).toEqual([9.75, 39, 0.25, 1]);
    });
  });

  it('may have lists as samples, and targets', async () => {
    const lists = { name: 'x', dtype: 'float32', shape: ['batch', 2, 3] };
    await withSet(fixtures, 'lists.parquet', [lists], async (set) => {
      expect(await valuesAt(set, 'x', [1])).toEqual([1, 1.1, 1.2, 1, 1.1, 1.2].map(Math.fround));
      const targets = await set.targets?.read([3]);
      expect(targets?.['y']).toMatchObject({ shape: [1, 2], data: Float64Array.of(3, 0.5) });
    });
  });

  it('has its columns named where none fits', async () => {
    const two = [sizes, { ...sizes, name: 'more' }];
    const error = await errorOf(withSet(fixtures, 'numbers-none.parquet', two, () => null));
    expect(error.message).toBe(
      '"numbers-none.parquet" has the columns width, height, species, and none of them is the model\'s input sizes. Say which with data.input.column in the recipe.',
    );
    const column = await errorOf(
      withSet(fixtures, 'numbers-none.parquet', [sizes], () => null, { input: { column: ['width', 'depth'] } }),
    );
    expect(column.message).toMatch(/has no column depth; it has width, height, species\.$/);
    const label = await errorOf(withSet(fixtures, { path: 'lists.parquet', label: 'kind' }, [picture], () => null));
    expect(label.message).toMatch(/has no column kind of labels; it has x, target_y\.$/);
  });
});

describe('a damaged Parquet file', () => {
  it.each(['pictures.parquet', 'numbers-snappy.parquet', 'lists.parquet'])(
    '%s ends in a sentence or in a set, wherever it is cut or changed',
    async (name) => {
      const bytes = readFileSync(path.join(fixtures, name));
      const input = name.startsWith('p') ? picture : name.startsWith('n') ? sizes : { ...sizes, shape: ['b', 2, 3] };
      for (let at = 4; at < bytes.length; at += 23) {
        const flipped = Uint8Array.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (at % 2 === 0 ? 0xff : 0x08);
        for (const broken of [bytes.subarray(0, at), flipped]) {
          folder.write(name, broken);
          const outcome = await withSet(folder.path('.'), name, [input], (set) => set.batch([0, set.length - 1])).then(
            () => null,
            (error: unknown) => error,
          );
          if (outcome === null) continue;
          expect(outcome, `byte ${at}`).toHaveProperty('kind');
          expect(isSentence(outcome instanceof Error ? outcome.message : ''), `byte ${at}`).toBe(true);
        }
      }
    },
  );
});
