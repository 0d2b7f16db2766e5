import { describe, expect, it } from 'vitest';
import { gradualLevel } from '../../../../src/core/training/sparsity/gradual-level';
import { magnitudeMask } from '../../../../src/core/training/sparsity/magnitude-mask';

const COURSE = { level: 0.9, begin: 0.1, end: 0.6, every: undefined };
const at = (step: number): number | null => gradualLevel(COURSE, { step, total: 1000, stepsPerEpoch: 100 });

describe('the course of pruning', () => {
  it('is a cubic from nothing to the level, with a mask every twentieth of the way', () => {
    expect([at(99), at(101), at(601)]).toEqual([null, null, null]);
    expect(at(100)).toBe(0);
    expect(at(350)).toBeCloseTo(0.9 * (1 - 0.5 ** 3), 12);
    expect(at(600)).toBe(0.9);
  });

  it('reaches the level in the shortest training, too', () => {
    expect(gradualLevel({ ...COURSE, end: 1 }, { step: 0, total: 1, stepsPerEpoch: 1 })).toBe(0.9);
  });
});

describe('a mask', () => {
  it('takes the smallest magnitudes, of equal ones the first', () => {
    const mask = magnitudeMask(Float32Array.of(3, -1, 1, -1, 2, 5), new Float32Array(6).fill(1), 0.5);
    expect([...mask]).toEqual([1, 0, 0, 0, 1, 1]);
    const half = magnitudeMask(Float32Array.of(3, -1, 1, -1, 2, 5), new Float32Array(6).fill(1), 1 / 3);
    expect([...half]).toEqual([1, 0, 0, 1, 1, 1]);
  });

  it('keeps what was masked, whatever has become of it', () => {
    expect([...magnitudeMask(Float32Array.of(9, 1, 2, 3), Float32Array.of(0, 1, 1, 1), 0.5)]).toEqual([0, 0, 1, 1]);
  });
});
