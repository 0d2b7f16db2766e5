import { beforeEach, describe, expect, test } from 'vitest';
import { loadKernels, type Kernels } from '../../../src/core/kernels';
import { channelLayout } from '../../../src/core/kernels/channels';
import { HISTOGRAM_TABLE_BYTES } from '../../../src/core/kernels/kernels';
import { anyBits, hostile, LENGTHS, MISALIGNMENTS, weights } from './hostile';
import { put } from './memory';
import { plainChannel, plainHistogram, plainStatistics } from './references';

let kernels: Kernels;
beforeEach(async () => {
  kernels = await loadKernels();
});

const close = (actual: number, expected: number, scale: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * scale);

const INPUTS: [string, (count: number) => Float32Array][] = [
  ['weights', (count) => weights(count, count + 1)],
  ['hostile values', (count) => hostile(count, count + 1)],
  ['any bits', (count) => anyBits(count, count + 1)],
  ['nothing finite', (count) => new Float32Array(count).fill(NaN).map((v, i) => (i % 2 ? -Infinity : v))],
  ['negative zeros', (count) => new Float32Array(count).fill(-0)],
];

describe.each(INPUTS)('statistics of a chunk: %s', (_, make) => {
  test.each(LENGTHS)('of %d elements', (count) => {
    const values = make(count);
    const plain = plainStatistics(values);
    for (const misaligned of MISALIGNMENTS) {
      const chunk = kernels.statistics(put(kernels, values, misaligned), count);
      expect(chunk).toMatchObject({
        finite: plain.finite,
        zeros: plain.zeros,
        nan: plain.nan,
        infinite: plain.infinite,
      });
      expect(kernels.countNonFinite(put(kernels, values, misaligned), count)).toBe(plain.nan + plain.infinite);
      if (plain.finite === 0) continue;
      expect(chunk.min + 0).toBe(plain.min + 0);
      expect(chunk.max + 0).toBe(plain.max + 0);
      close(chunk.absolutes, plain.absolutes, plain.absolutes);
      close(chunk.sum + chunk.pivot * chunk.finite, plain.sum, plain.absolutes + Math.abs(chunk.pivot) * chunk.finite);
      const squares = chunk.squares + 2 * chunk.pivot * chunk.sum + chunk.pivot ** 2 * chunk.finite;
      close(squares, plain.sumOfSquares, chunk.squares + plain.sumOfSquares + chunk.pivot ** 2 * chunk.finite);
    }
  });
});

describe('histogram of a chunk', () => {
  test.each(LENGTHS)('of %d hostile elements equals the plain one', (count) => {
    const values = hostile(count, count + 3);
    const { min, max, finite } = plainStatistics(values);
    if (finite === 0) return;
    const counts = new Float64Array(64);
    const tables = kernels.take(HISTOGRAM_TABLE_BYTES);
    for (const misaligned of MISALIGNMENTS) {
      counts.fill(0);
      kernels.histogram(put(kernels, values, misaligned), count, min, max, tables, counts);
      expect([...counts]).toEqual(plainHistogram(values, min, max));
    }
  });

  test('puts equal values into the first bin, and the largest into the last', () => {
    const tables = kernels.take(HISTOGRAM_TABLE_BYTES);
    const counts = new Float64Array(64);
    kernels.histogram(put(kernels, new Float32Array(10).fill(3)), 10, 3, 3, tables, counts);
    expect(counts[0]).toBe(10);
    kernels.histogram(put(kernels, Float32Array.of(0, 1, 2, 4)), 4, 0, 4, tables, counts.fill(0));
    expect([counts[0], counts[16], counts[32], counts[63]]).toEqual([1, 1, 1, 1]);
  });
});

describe('figures of channels', () => {
  const shapes: [string, number[], number][] = [
    ['first axis', [5, 3, 3, 3], 0],
    ['first axis, one element a channel', [7], 0],
    ['middle axis', [4, 6, 5], 1],
    ['last axis', [9, 37], 1],
    ['last axis, wide', [3, 100], 1],
    ['last axis of three', [2, 5, 8], 2],
  ];

  test.each(shapes)('along the %s, in chunks that begin anywhere', (_, shape, axis) => {
    const layout = channelLayout(shape, axis);
    const total = shape.reduce((a, b) => a * b, 1);
    const values = hostile(total, 5);
    const energy = new Float64Array(layout.channels);
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const channel = plainChannel(i, layout.channels, layout.inner);
      energy[channel] = (energy[channel] ?? 0) + value * value;
    });
    const address = put(kernels, values, 3);
    for (const step of [1, 5, 16, 33, total]) {
      const sums = kernels.take(layout.channels * 8);
      sums.bytes.fill(0);
      for (let first = 0; first < total; first += step) {
        const span = { address: address + first * 4, first, count: Math.min(step, total - first) };
        kernels.energy(span, layout, sums.address);
      }
      const got = new Float64Array(sums.bytes.slice().buffer);
      energy.forEach((sum, i) => close(got[i] ?? NaN, sum, sum));
    }
  });
});

describe('working memory', () => {
  test('gaps are used again, and regions never overlap', () => {
    const first = kernels.take(1000);
    const second = kernels.take(1000);
    kernels.give(first);
    const third = kernels.take(500);
    expect(third.address).toBe(first.address);
    const fourth = kernels.take(900);
    expect(fourth.address).toBeGreaterThanOrEqual(second.address + 1000);
  });

  test('asking for more than there is, is an error that says so', () => {
    expect(() => kernels.take(2 ** 31)).toThrow(/working memory/);
  });
});
