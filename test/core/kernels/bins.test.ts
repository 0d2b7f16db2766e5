import { beforeEach, describe, expect, test } from 'vitest';
import { loadKernels, type Kernels } from '../../../src/core/kernels';
import { BIN_COUNTS_BYTES, BIN_TABLES_BYTES, binOf, BINS_PER_SIDE } from '../../../src/core/kernels/bin-kernels';
import { hostile, LENGTHS, MISALIGNMENTS, weights } from './hostile';
import { put } from './memory';

const BINS = 2 * BINS_PER_SIDE;

let kernels: Kernels;
beforeEach(async () => {
  kernels = await loadKernels();
});

/** Counts in bins, of values that lie within them, in plain TypeScript. */
function plainCounts(values: Float32Array, width: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) counts[binOf(value, width)] = (counts[binOf(value, width)] ?? 0) + 1;
  return counts;
}

describe('the range of a chunk', () => {
  test.each(LENGTHS)('of %d hostile elements, NaN and infinities counted apart', (count) => {
    const values = hostile(count, count + 5);
    const finite = Array.from(values).filter(Number.isFinite);
    for (const misaligned of MISALIGNMENTS) {
      const { min, max, nonFinite } = kernels.bins.range(put(kernels, values, misaligned), count);
      expect(nonFinite).toBe(count - finite.length);
      if (finite.length === 0) continue;
      expect(min).toBe(finite.reduce((a, b) => Math.min(a, b)));
      expect(max).toBe(finite.reduce((a, b) => Math.max(a, b)));
    }
  });
});

describe('counts in bins around zero', () => {
  test.each(LENGTHS)('of %d elements equal the plain ones', (count) => {
    const values = weights(count, count + 7);
    const tables = kernels.take(BIN_TABLES_BYTES);
    const sums = kernels.take(BIN_COUNTS_BYTES);
    tables.bytes.fill(0);
    for (const width of [2 ** -9, 2 ** -6, 1]) {
      for (const misaligned of MISALIGNMENTS) {
        kernels.bins.count(put(kernels, values, misaligned), count, width, tables.address);
        expect([...kernels.bins.take(tables.address, 0, BINS, sums.address)]).toEqual(plainCounts(values, width));
      }
    }
  });

  test('of several chunks add up until they are taken, and begin again', () => {
    const tables = kernels.take(BIN_TABLES_BYTES);
    const sums = kernels.take(BIN_COUNTS_BYTES);
    tables.bytes.fill(0);
    const values = Float32Array.of(-4096, -1, -0.5, -0, 0, 0.5, 1, 4095.9, 0);
    const address = put(kernels, values);
    for (let time = 0; time < 3; time++) kernels.bins.count(address, values.length, 1, tables.address);
    const inner = [...kernels.bins.take(tables.address, 4095, 4098, sums.address)];
    expect(inner).toEqual([6, 12, 3]);
    const all = [...kernels.bins.take(tables.address, 0, BINS, sums.address)];
    expect([all[0], all[4095], all[8191], all.reduce((a, b) => a + b)]).toEqual([3, 0, 3, 6]);
  });
});
