import { describe, expect, it } from 'vitest';
import { openRoles, type DataSet } from '../../../src/core/evaluation/data';
import type { DataSection } from '../../../src/core/recipe/recipe.schema';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { npy, npz, pattern, type ArrayParts } from './files';

const folder = scratchFolder();
const image = { name: 'image', dtype: 'float32', shape: ['batch', 1, 2, 3] };
const colour = { name: 'image', dtype: 'float32', shape: ['batch', 3, 2, 2] };

async function openTest(
  bytes: Uint8Array,
  inputs: Parameters<typeof openRoles>[2],
  data: DataSection = {},
  name = 'test.npz',
): Promise<{ set: DataSet; notes: readonly string[]; close(): Promise<void> }> {
  folder.write(name, bytes);
  const roles = await openRoles({ test: name, ...data }, folder.path('.'), inputs);
  if (roles.test === null) throw new Error('No test set.');
  return { set: roles.test, notes: roles.notes, close: roles.close };
}

async function valuesOf(set: DataSet, indices: number[], input = 'image'): Promise<number[]> {
  const { inputs } = await set.batch(indices);
  return Array.from(inputs[input]?.data ?? [], Number);
}

const four: Record<string, ArrayParts> = {
  image: { shape: [4, 1, 2, 3], values: pattern(24, 10) },
  labels: { shape: [4], values: BigInt64Array.of(3n, 0n, 1n, 2n) },
};

describe('a .npz file', () => {
  it.each([
    ['stored', false],
    ['compressed', true],
  ])('%s: gives the samples that are asked for, bytes scaled to 0..1', async (_, compressed) => {
    const { set, notes, close } = await openTest(npz(four, compressed), [image]);
    expect(set.length).toBe(4);
    expect(set.inputs).toEqual({
      image: { dtype: 'float32', shape: [1, 2, 3], picture: { channelAxis: 0, black: [0] } },
    });
    expect(set.labels).toEqual(Int32Array.of(3, 0, 1, 2));
    const { inputs } = await set.batch([2, 0]);
    expect(inputs['image']?.shape).toEqual([2, 1, 2, 3]);
    const expected = [120, 130, 140, 150, 160, 170, 0, 10, 20, 30, 40, 50];
    expect(inputs['image']?.data).toEqual(Float32Array.from(expected, (byte) => byte / 255));
    expect(notes.join()).toContain('divided by 255');
    await close();
  });

  it('preprocesses as the recipe declares: (raw * scale - mean) / deviation', async () => {
    const input = { scale: 0.5, mean: 2, deviation: 4 };
    const { set, close } = await openTest(npz(four), [image], { input });
    expect(await valuesOf(set, [0])).toEqual([0, 10, 20, 30, 40, 50].map((raw) => (raw * 0.5 - 2) / 4));
    await close();
  });

  it('takes mean and deviation by channel', async () => {
    const parts = { image: { shape: [1, 3, 2, 2], values: Float32Array.of(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3) } };
    const input = { mean: [1, 0, 1], deviation: [1, 2, 4] };
    const { set, close } = await openTest(npz(parts), [colour], { input });
    expect(await valuesOf(set, [0])).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]);
    await close();
  });

  it('leaves floats as they are, whatever their width and byte order', async () => {
    const raw = Float64Array.of(0.25, -1, 2, 3, 4, 5);
    const swapped = Buffer.from(raw.buffer.slice(0)).swap64();
    const big = new Uint8Array(swapped);
    for (const parts of [
      { shape: [1, 1, 2, 3], values: raw },
      { shape: [1, 1, 2, 3], values: big, descr: '>f8' },
    ]) {
      const { set, close } = await openTest(npz({ image: parts }), [image]);
      expect(await valuesOf(set, [0])).toEqual([...raw]);
      await close();
    }
  });

  it('moves channels first where the model takes them so', async () => {
    const parts = { image: { shape: [1, 2, 2, 3], values: pattern(12, 1) } };
    const { set, notes, close } = await openTest(npz(parts), [colour], { input: { scale: 1 } });
    expect(await valuesOf(set, [0])).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
    expect(notes.join()).toContain('moved first');
    expect((await set.picture(0))?.pixels).toEqual(pattern(12, 1));
    await close();
  });

  it('takes flattened pictures, and pictures without a channel axis', async () => {
    for (const shape of [
      [2, 6],
      [2, 2, 3],
    ]) {
      const { set, close } = await openTest(npz({ image: { shape, values: pattern(12, 1) } }), [image]);
      expect(set.inputs['image']?.shape).toEqual([1, 2, 3]);
      expect(await valuesOf(set, [1])).toEqual([6, 7, 8, 9, 10, 11].map((raw) => Math.fround(raw / 255)));
      await close();
    }
  });

  it('resizes and changes channels where the recipe declares it', async () => {
    const parts = { image: { shape: [1, 4, 4, 3], values: new Uint8Array(48).fill(100) } };
    const input = { size: [2, 3] as [number, number], channels: 'gray' as const, scale: 1 };
    const { set, close } = await openTest(npz(parts), [image], { input });
    expect(await valuesOf(set, [0])).toEqual([100, 100, 100, 100, 100, 100]);
    await close();
  });

  it('feeds several inputs by name, integers as integers', async () => {
    const inputs = [
      { name: 'ids', dtype: 'int64', shape: ['batch', 3] },
      { name: 'mask', dtype: 'bool', shape: ['batch', 3] },
    ];
    const parts = {
      ids: { shape: [2, 3], values: Int32Array.of(1, 2, 3, 4, 5, 6) },
      mask: { shape: [2, 3], values: Uint8Array.of(1, 1, 0, 1, 0, 0), descr: '|b1' },
    };
    const { set, close } = await openTest(npz(parts), inputs);
    const batch = await set.batch([1]);
    expect(batch.inputs['ids']).toEqual({ dtype: 'int64', shape: [1, 3], data: BigInt64Array.of(4n, 5n, 6n) });
    expect(batch.inputs['mask']).toEqual({ dtype: 'bool', shape: [1, 3], data: Uint8Array.of(1, 0, 0) });
    await close();
  });

  it('takes the usual name for the only input, and says so', async () => {
    const parts = {
      x: four['image'] ?? { shape: [], values: new Uint8Array() },
      y: { shape: [4], values: pattern(4, 1) },
    };
    const { set, notes, close } = await openTest(npz(parts), [image]);
    expect(set.labels).toEqual(Int32Array.of(0, 1, 2, 3));
    expect(notes).toContain('"test.npz" has no array called image: its array x feeds the model\'s input.');
    await close();
  });

  it('gives float16 inputs their bits', async () => {
    const parts = { image: { shape: [1, 1, 2, 3], values: Float32Array.of(0, 1, -2, 65504, 0.1, 2 ** -24) } };
    const { set, close } = await openTest(npz(parts), [{ ...image, dtype: 'float16' }]);
    expect(await valuesOf(set, [0])).toEqual([0, 0x3c00, 0xc000, 0x7bff, 0x2e66, 1]);
    await close();
  });
});

describe('a .npy file', () => {
  it('finds its labels beside it', async () => {
    folder.write('digits_labels.npy', npy({ shape: [4, 1], values: Uint8Array.of(1, 2, 3, 0) }));
    const bytes = npy({ shape: [4, 1, 2, 3], values: pattern(24) });
    const { set, close } = await openTest(bytes, [image], { test: 'digits_images.npy' }, 'digits_images.npy');
    expect(set.labels).toEqual(Int32Array.of(1, 2, 3, 0));
    await close();
  });

  it('works without labels, and says that none were found', async () => {
    const bytes = npy({ shape: [4, 1, 2, 3], values: pattern(24) });
    const { set, notes, close } = await openTest(bytes, [image], { test: 'alone.npy' }, 'alone.npy');
    expect(set.labels).toBeNull();
    expect(notes).toContain('No labels were found beside "alone.npy".');
    await close();
  });
});

describe('data that does not fit is refused in a sentence', () => {
  const images = (shape: number[]): ArrayParts => ({ shape, values: pattern(shape.reduce((a, b) => a * b)) });
  const labels = (...values: number[]): ArrayParts => ({ shape: [values.length], values: Int32Array.from(values) });
  const good = images([4, 1, 2, 3]);

  const archive = (parts: Record<string, ArrayParts>): Uint8Array => npz(parts);
  it.each<[string, Uint8Array, RegExp, DataSection?]>([
    ['another size', archive({ image: images([4, 1, 3, 3]) }), /\[1, 3, 3\].*takes \[1, 2, 3\].*input\.size/],
    ['too few labels', archive({ image: good, labels: labels(0, 1, 2) }), /holds 3 labels for 4 samples/],
    ['a negative label', archive({ image: good, labels: labels(0, 1, -1, 2) }), /sample 2 the label -1/],
    [
      'a label beyond the classes',
      archive({ image: good, labels: labels(0, 1, 2, 1) }),
      /label 2\. There are 2 classes/,
      { labels: ['a', 'b'] },
    ],
    ['labels as scores', archive({ image: good, labels: images([4, 10]) }), /shape \[4, 10\]/],
    [
      'labels as floats',
      archive({ image: good, labels: { shape: [4], values: new Float32Array(4) } }),
      /holds float32/,
    ],
    ['no array for the input', archive({ a: good, b: good }), /arrays a, b; the model's inputs need image/],
    ['no samples', archive({ image: { shape: [0, 1, 2, 3], values: new Uint8Array() } }), /holds no samples/],
    ['samples of nothing', archive({ image: { shape: [9e12, 0], values: new Uint8Array() } }), /without values/],
    ['Python objects', archive({ image: { ...good, descr: '|O' } }), /Python objects/],
    ['Fortran order', archive({ image: { ...good, fortran: true } }), /ascontiguousarray/],
    [
      'a size that is a lie',
      archive({ image: { ...good, shape: [4000000000, 1, 2, 3] } }),
      /declares 24000000000 bytes/,
    ],
    ['three channels of mean', archive({ image: good }), /3 values.*1 channels/, { input: { mean: [0, 0, 0] } }],
    [
      'an input that is not there',
      archive({ image: good }),
      /data\.input\.name is picture/,
      { input: { name: 'picture' } },
    ],
    ['a truncated archive', archive({ image: good }).subarray(0, 100), /ends early/],
    ['an empty file', new Uint8Array(), /no data that Edgewise reads/],
    ['text', Buffer.from('hello, world'), /no data that Edgewise reads/],
  ])('%s', async (_, bytes, sentence, data = {}) => {
    const error = await errorOf(openTest(bytes, [image], data));
    expect(error.message).toMatch(sentence);
    expect(isSentence(error.message)).toBe(true);
    expect(['bad-data', 'bad-recipe']).toContain(error.kind);
  });

  it('NaN, naming the sample, when it is read', async () => {
    const values = new Float32Array(24);
    values[14] = NaN;
    const { set, close } = await openTest(npz({ image: { shape: [4, 1, 2, 3], values } }), [image]);
    await set.batch([0, 1]);
    expect((await errorOf(set.batch([1, 2]))).message).toMatch(/sample 2 holds NaN/);
    await close();
  });

  it('a file that is not there', async () => {
    const error = await errorOf(openRoles({ test: 'nowhere.npz' }, folder.path('.'), [image]));
    expect(error.kind).toBe('not-found');
    expect(error.message).toContain('nowhere.npz');
  });

  it('floats for an input of integers', async () => {
    const parts = { ids: { shape: [1, 3], values: Float32Array.of(1, 2, 3) } };
    const error = await errorOf(openTest(npz(parts), [{ name: 'ids', dtype: 'int64', shape: ['batch', 3] }]));
    expect(error.message).toMatch(/holds float32; the model's input ids takes int64/);
  });

  it('deflated bytes that are damaged, or longer than declared', async () => {
    const bytes = npz({ image: { shape: [400, 1, 2, 3], values: pattern(2400, 3) } }, true);
    const damaged = Uint8Array.from(bytes);
    damaged.fill(0xff, 60, 90);
    expect((await errorOf(openTest(damaged, [image]))).message).toMatch(/damaged/);
    const longer = Buffer.from(bytes);
    const directory = longer.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    longer.writeUInt32LE(longer.readUInt32LE(directory + 24) - 1, directory + 24);
    expect((await errorOf(openTest(longer, [image]))).message).toMatch(/damaged/);
  });

  it('every cut and every flipped byte of an archive ends in a sentence or in a set', async () => {
    const bytes = npz(four, true);
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 0x55;
      for (const broken of [bytes.subarray(0, at), flipped]) {
        const outcome = await openTest(broken, [image]).then(
          async ({ set, close }) => {
            await set.batch([0]).catch((error: unknown) => error);
            await close();
            return null;
          },
          (error: unknown) => error,
        );
        if (outcome !== null) expect(outcome).toHaveProperty('kind');
      }
    }
  });
});
