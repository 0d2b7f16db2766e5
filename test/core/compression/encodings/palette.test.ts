import { beforeEach, describe, expect, test } from 'vitest';
import { encodeWeight } from '../../../../src/core/compression/encodings/encode';
import { kMeans } from '../../../../src/core/compression/encodings/k-means';
import type { PaletteScheme } from '../../../../src/core/compression/encodings/scheme';
import { GATHERED_VALUES, tablePoints } from '../../../../src/core/compression/encodings/table-points';
import { pointsOf } from '../../../../src/core/compression/encodings/weighted-points';
import { loadKernels, type Kernels } from '../../../../src/core/kernels';
import { partLayout } from '../../../../src/core/kernels/scale-layout';
import { anyBits, hostile, weights } from '../../kernels/hostile';
import { collect } from '../models';
import { plainError } from './plain';
import { floatsIn } from './sources';

let kernels: Kernels;
beforeEach(async () => {
  kernels = await loadKernels();
});

const scheme = (fields: Partial<PaletteScheme>): PaletteScheme => ({
  kind: 'palette',
  bits: 4,
  axis: null,
  groups: 1,
  method: 'kmeans',
  ...fields,
});

async function tableOf(shape: number[], values: Float32Array, fields: Partial<PaletteScheme>): Promise<Float32Array> {
  const tensor = await encodeWeight(kernels, shape, floatsIn(kernels, values), scheme(fields));
  if (tensor.kind !== 'palette') throw new Error('Not a palette.');
  return tensor.table();
}

describe('bins of values', () => {
  test.each([
    ['weights', weights],
    ['hostile values', hostile],
    ['any bits', anyBits],
  ] as const)('of %s hold every finite value once, in order, and their exact sum', async (_, make) => {
    const values = make(GATHERED_VALUES * 2, 3);
    const finite = [...values].filter(Number.isFinite);
    const layout = partLayout([values.length], null, 1);
    for await (const { values: means, weights: counts } of tablePoints(kernels, floatsIn(kernels, values)(), layout)) {
      expect(counts.reduce((a, b) => a + b, 0)).toBe(finite.length);
      expect([...means].every((mean, i) => i === 0 || mean > (means[i - 1] ?? Infinity))).toBe(true);
      const total = means.reduce((sum, mean, i) => sum + mean * (counts[i] ?? 0), 0);
      const magnitudes = finite.reduce((sum, value) => sum + Math.abs(value), 0);
      const plain = finite.reduce((sum, value) => sum + value, 0);
      expect(Math.abs(total - plain)).toBeLessThanOrEqual(1e-10 * magnitudes);
    }
  });

  test.each([
    [2, 1.0002],
    [4, 1.0002],
    [8, 1.003],
  ])(
    'cost next to nothing: the error of %d bits is at most %d times that of all values by themselves',
    async (bits, limit) => {
      const values = weights(GATHERED_VALUES * 3, 11);
      const sorted = [...values].sort((a, b) => a - b);
      const binned = await tableOf([values.length], values, { bits });
      const exact = kMeans(pointsOf(values.slice()), 2 ** bits);
      expect(nearestError(sorted, binned)).toBeLessThanOrEqual(nearestError(sorted, exact) * limit);
    },
  );
});

/** `plainError` of sorted values and means. */
function nearestError(sorted: readonly number[], means: ArrayLike<number>): number {
  let mean = 0;
  return sorted.reduce((sum, value) => {
    while (Math.abs(value - (means[mean + 1] ?? Infinity)) <= Math.abs(value - (means[mean] ?? 0))) mean++;
    return sum + (value - (means[mean] ?? NaN)) ** 2;
  }, 0);
}

describe('palettes', () => {
  test('by k-means are the exact one of each group', async () => {
    const values = weights(24 * 30, 2);
    const table = await tableOf([24, 30], values, { bits: 2, axis: 1, groups: 3 });
    for (let group = 0; group < 3; group++) {
      const own = [...values].filter((_, i) => Math.floor((i % 30) / 10) === group);
      const error = plainError(own, table.subarray(group * 4, group * 4 + 4));
      expect(error).toBeLessThanOrEqual(plainError(own, kMeans(pointsOf(Float32Array.from(own)), 4)) * 1.00001);
    }
  });

  test('of unique values hold just these, and refuse at once when there are more', async () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => [0.5, -0, 0, -3, 1e-40][i % 5] ?? 0);
    expect([...(await tableOf([1000], values, { bits: 2, method: 'unique' }))]).toEqual([
      -3,
      0,
      Math.fround(1e-40),
      0.5,
    ]);
    values[999] = 7;
    await expect(tableOf([1000], values, { bits: 2, method: 'unique' })).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('more than 4 different values') as string,
    });
    const eight = Float32Array.from({ length: 5000 }, (_, i) => Math.fround((i % 256) * 0.1));
    expect([...(await tableOf([5000], eight, { bits: 8, method: 'unique' }))]).toEqual([...eight.subarray(0, 256)]);
  });

  test.each([
    [{ bits: 0 }, 'have 1 to 8 bits'],
    [{ bits: 9 }, 'have 1 to 8 bits'],
    [{ axis: 0, groups: 3 }, 'cannot have 3 equal groups along an axis of 4'],
    [{ axis: null, groups: 2 }, 'along no axis'],
  ])('refuse %j', async (fields, sentence) => {
    await expect(tableOf([4, 4], weights(16), fields)).rejects.toThrow(sentence);
  });

  test('stop when they are cancelled', async () => {
    const tensor = await encodeWeight(kernels, [100], floatsIn(kernels, weights(100)), scheme({}));
    if (tensor.kind !== 'palette') throw new Error('Not a palette.');
    await expect(tensor.table(AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
    const codes = tensor.codes.chunks(AbortSignal.abort());
    await expect(codes[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await collect(tensor.codes)).toHaveLength(50);
  });
});
