import { describe, expect, it } from 'vitest';
import { clusterTable, nearestEntries } from '../../../../src/core/training/clustering/clusters';
import { seeded } from '../gradients/check';

describe('clusters', () => {
  it('finds values that occur', () => {
    const values = Float32Array.from({ length: 300 }, (_, index) => [-2, 0.5, 3][index % 3] ?? 0);
    expect([...new Set(clusterTable(values, 3))]).toEqual([-2, 0.5, 3]);
    expect([...nearestEntries(values.subarray(0, 4), Float32Array.of(-2, 0.5, 3))]).toEqual([0, 1, 2, 0]);
  });

  it('gives each value the entry nearest to it, in a table of any order', () => {
    const random = seeded(7);
    const values = Float32Array.from({ length: 500 }, () => random() * 4 - 2);
    const table = Float32Array.of(1.2, -1.5, 0.1, -0.3);
    const nearest = nearestEntries(values, table);
    values.forEach((value, index) => {
      const distances = Array.from(table, (entry) => Math.abs(entry - value));
      expect(distances[nearest[index] ?? 0]).toBe(Math.min(...distances));
    });
  });

  it('errs less than equal steps', () => {
    const random = seeded(8);
    const values = Float32Array.from({ length: 2000 }, () => (random() + random() + random() - 1.5) ** 3);
    const error = (table: Float32Array): number =>
      nearestEntries(values, table).reduce((sum, code, at) => sum + ((table[code] ?? 0) - (values[at] ?? 0)) ** 2, 0);
    const steps = Float32Array.from({ length: 8 }, (_, entry) => -3.375 + (6.75 * (entry + 0.5)) / 8);
    expect(error(clusterTable(values, 8))).toBeLessThan(error(steps) / 4);
  });
});
