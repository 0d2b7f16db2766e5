import { describe, expect, test } from 'vitest';
import { EXACT_PLACES, kMeans } from '../../../../src/core/compression/encodings/k-means';
import { pointsOf } from '../../../../src/core/compression/encodings/weighted-points';
import { hostile, random, weights } from '../../kernels/hostile';
import { plainError, plainLeastError } from './plain';

const ascending = (values: Float32Array): number[] => [...values].sort((a, b) => a - b);

/** What scikit-learn does: k-means++ seeds, Lloyd's iteration, the best of some runs. */
function bestOfLloyd(values: readonly number[], clusters: number, runs: number): number {
  let least = Infinity;
  for (let run = 0; run < runs; run++) {
    let means = seeds(values, clusters, random(run + 1));
    for (let step = 0; step < 300; step++) {
      const sums = new Float64Array(clusters);
      const counts = new Float64Array(clusters);
      for (const value of values) {
        const nearest = means.reduce((best, mean, i) => {
          return Math.abs(value - mean) < Math.abs(value - (means[best] ?? NaN)) ? i : best;
        }, 0);
        sums[nearest] = (sums[nearest] ?? 0) + value;
        counts[nearest] = (counts[nearest] ?? 0) + 1;
      }
      const moved = means.map((mean, i) => ((counts[i] ?? 0) > 0 ? (sums[i] ?? 0) / (counts[i] ?? 1) : mean));
      if (moved.every((mean, i) => mean === means[i])) break;
      means = moved;
    }
    least = Math.min(least, plainError(values, means));
  }
  return least;
}

/** Seeds far from each other: drawn by squared distance from those there are (Arthur and Vassilvitskii 2007). */
function seeds(values: readonly number[], clusters: number, next: () => number): number[] {
  const means = [values[Math.floor(next() * values.length)] ?? 0];
  while (means.length < clusters) {
    const distances = values.map((value) => plainError([value], means));
    let left = next() * distances.reduce((a, b) => a + b, 0);
    const index = distances.findIndex((distance) => (left -= distance) < 0);
    means.push(values[Math.max(0, index)] ?? 0);
  }
  return means;
}

describe('k-means in one dimension', () => {
  test.each([1, 2, 3, 4])('into %d clusters has the error of the best of all divisions', (clusters) => {
    for (let seed = 1; seed <= 20; seed++) {
      const values = ascending(weights(5 + seed, seed));
      const means = kMeans(pointsOf(Float32Array.from(values)), clusters);
      expect(means.length).toBeLessThanOrEqual(clusters);
      const least = plainLeastError(values, clusters);
      expect(plainError(values, means)).toBeLessThanOrEqual(least * (1 + 1e-9) + 1e-18);
    }
  });

  test('counts equal values, and needs no more clusters than there are', () => {
    expect([...kMeans(pointsOf(Float32Array.of(2, 1, 2, 1, 2)), 4)]).toEqual([1, 2]);
    expect([...kMeans(pointsOf(Float32Array.of(0, 0, 0, 1, 10)), 2)]).toEqual([0.25, 10]);
    expect([...kMeans(pointsOf(new Float32Array(0)), 4)]).toEqual([]);
    expect([...kMeans(pointsOf(Float32Array.of(NaN, Infinity, 3, -Infinity)), 2)]).toEqual([3]);
  });

  test('weighs values: what is heavy is met more closely', () => {
    const points = { values: Float64Array.of(0, 1, 5, 6), weights: Float64Array.of(1000, 1, 1, 1) };
    const [first = NaN, second = NaN] = kMeans(points, 2);
    expect(first).toBeCloseTo(1 / 1001, 12);
    expect(second).toBeCloseTo(5.5, 12);
  });

  test.each([
    ['near normal', weights(1500, 4), 8],
    ['of two scales', weights(1500, 5).map((v, i) => (i % 10 ? v : v * 20)), 16],
    ['all of one sign', weights(1000, 6).map((v) => v * v), 4],
  ] as [string, Float32Array, number][])('is never worse than the best of ten runs of Lloyd: %s', (_, values, k) => {
    const numbers = ascending(values);
    const ours = plainError(numbers, kMeans(pointsOf(values.slice()), k));
    expect(ours).toBeLessThanOrEqual(bestOfLloyd(numbers, k, 10) * (1 + 1e-9));
  });

  test('of more points than are divided exactly comes within a thousandth of the exact error', () => {
    const values = weights(EXACT_PLACES * 4, 7);
    const numbers = ascending(values);
    const ours = plainError(numbers, kMeans(pointsOf(values.slice()), 4));
    // Of every fourth value the division is exact: its means are near the best for all.
    const sample = pointsOf(Float32Array.from(numbers.filter((_, i) => i % 4 === 0)));
    expect(sample.values.length).toBeLessThanOrEqual(EXACT_PLACES);
    expect(ours).toBeLessThanOrEqual(plainError(numbers, kMeans(sample, 4)) * 1.001);
  });

  test('keeps small values apart where a few are huge', () => {
    const values = [1e30, -1e30, ...weights(500, 9), 3e38];
    const means = [...kMeans(pointsOf(Float32Array.from(values)), 8)];
    const small = means.filter((mean) => Math.abs(mean) < 1);
    expect(small.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...means)).toBeGreaterThan(1e38);
  });

  test('of hostile values gives finite means in ascending order', () => {
    for (let seed = 1; seed < 30; seed++) {
      const means = [...kMeans(pointsOf(hostile(300, seed)), 16)];
      expect(means.every(Number.isFinite)).toBe(true);
      expect(means).toEqual([...means].sort((a, b) => a - b));
    }
  });
});
