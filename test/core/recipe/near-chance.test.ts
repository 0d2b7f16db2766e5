import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../../src/core/evaluation/measurement.schema';
import { isNearChance, markNearChance } from '../../../src/core/recipe/near-chance';

const measured = (value: number, samples: number, change: Partial<Measurement> = {}): Measurement => {
  const spread = 1.96 * Math.sqrt((value * (1 - value)) / samples);
  return {
    metric: 'accuracy',
    value,
    interval: [Math.max(0, value - spread), Math.min(1, value + spread)],
    samples,
    latencyMs: null,
    loadMs: null,
    bytes: 1,
    gzipBytes: null,
    parameters: 1,
    macs: null,
    ...change,
  };
};

describe('a model near chance', () => {
  it('stops the work: most often its data are prepared wrongly', () => {
    expect(isNearChance(measured(0.1, 1000), 10)).toBe(true);
    expect(isNearChance(measured(0.02, 1000), 10)).toBe(true);
    expect(isNearChance(measured(0.51, 400), 2)).toBe(true);
  });

  it('is told with the figure where measuring is all that was asked for', () => {
    expect(markNearChance(measured(0.1, 1000), 10)).toMatchObject({
      value: 0.1,
      reason: expect.stringMatching(/no better than guessing among 10 classes/) as string,
    });
    expect(markNearChance(measured(0.9, 1000), 10).reason).toBeUndefined();
  });

  it('is not a model that is weak, or known from a few samples only', () => {
    expect(isNearChance(measured(0.3, 1000), 10)).toBe(false);
    expect(isNearChance(measured(0.58, 1000), 2)).toBe(false);
    expect(isNearChance(measured(0.1, 10), 10)).toBe(false);
    expect(isNearChance(measured(0.1, 1000, { metric: 'fidelity' }), 10)).toBe(false);
  });
});
