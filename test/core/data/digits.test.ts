import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDigits } from '../../../scripts/digits.mjs';
import { openRoles, type DataSet } from '../../../src/core/evaluation/data';
import { readRecipe } from '../../../src/core/recipe/read';
import { scratchFolder } from '../formats/scratch';

const example = path.resolve(__dirname, '../../../examples/digits');
const image = { name: 'image', dtype: 'float32', shape: ['batch', 1, 28, 28] };
const FILES = ['calibration.npz', 'test.npz', 'train.npz'];

describe('the digits of the example', () => {
  const folder = scratchFolder();
  const data = folder.path('data');
  beforeAll(() => makeDigits(data));

  async function picturesOf(file: string): Promise<{ set: DataSet; pictures: string[] }> {
    const roles = await openRoles({ test: file, input: { scale: 1 } }, data, [image]);
    const set = roles.test;
    if (set === null) throw new Error('No test set.');
    const { inputs } = await set.batch(Array.from({ length: set.length }, (_, index) => index));
    const values = Uint8Array.from(inputs['image']?.data ?? [], Number);
    await roles.close();
    const pictures = Array.from({ length: set.length }, (_, index) =>
      Buffer.from(values.subarray(index * 784, (index + 1) * 784)).toString('base64'),
    );
    return { set, pictures };
  }

  it('are 10,000 different ones in three files, none of them in two', async () => {
    const parts = await Promise.all(FILES.map(picturesOf));
    expect(parts.map(({ set }) => set.length)).toEqual([500, 2500, 7000]);
    expect(new Set(parts.flatMap(({ pictures }) => pictures)).size).toBe(10_000);
    for (const { set } of parts) expect(new Set(set.labels)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });

  it('are the same every time, and there whole or not at all', async () => {
    const again = folder.path('again');
    await Promise.all([makeDigits(again), makeDigits(again)]);
    for (const file of FILES) expect(readFileSync(path.join(again, file))).toEqual(readFileSync(path.join(data, file)));
    expect(readdirSync(folder.path('.')).sort()).toEqual(['again', 'data']);
  });

  it('stay as they are when they are there', async () => {
    const own = path.join(data, 'test.npz');
    const before = readFileSync(own);
    await makeDigits(data);
    expect(readFileSync(own)).toEqual(before);
  });

  it('are what the example’s recipe names', async () => {
    await makeDigits(path.join(example, 'data'));
    const { recipe } = await readRecipe(path.join(example, 'edgewise.yaml'));
    const roles = await openRoles(recipe.data ?? {}, example, [image], { calibrationSamples: 500 });
    expect([roles.calibration?.length, roles.test?.length]).toEqual([500, 2500]);
    expect(roles.test?.classNames).toHaveLength(10);
    expect(roles.notes).toEqual([]);
    await roles.close();
  });
});
