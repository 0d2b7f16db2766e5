import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../../src/core/evaluation/measurement.schema';
import { checkTarget } from '../../../src/core/recipe/target-check';

const measured = (value: number, samples: number, change: Partial<Measurement> = {}): Measurement => {
  return {
    metric: 'accuracy',
    value,
    interval: [0, 1],
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

describe('--max-drop', () => {
  const recipe = { version: 1 as const, steps: [], target: { maxDrop: 0.5 } };

  it('is met up to the very point', () => {
    expect(checkTarget(recipe, measured(0.934, 1000), measured(0.929, 1000))).toEqual({ maxDrop: 0.5, met: true });
    expect(checkTarget(recipe, measured(0.934, 1000), measured(0.928, 1000))).toEqual({ maxDrop: 0.5, met: false });
    expect(checkTarget(recipe, measured(0.934, 1000), measured(0.99, 1000))?.met).toBe(true);
  });

  it('counts from full agreement where there are no labels', () => {
    expect(checkTarget(recipe, measured(1, 10), measured(0.99, 1000, { metric: 'fidelity' }))?.met).toBe(false);
  });

  it('is not met by what was not measured', () => {
    expect(checkTarget(recipe, measured(1, 10), measured(0, 0, { metric: null, value: null }))?.met).toBe(false);
    expect(checkTarget({ version: 1, steps: [] }, measured(1, 10), measured(1, 10))).toBeNull();
  });
});
