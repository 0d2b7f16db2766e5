import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../../src/core/evaluation/measurement.schema';
import { checkTarget, missedTarget } from '../../../src/core/recipe/target-check';

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

const classOf = () => ({ name: '', samples: 100, answered: 100, correct: 10 });

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

describe('--max-size', () => {
  const recipe = { version: 1 as const, steps: [], target: { maxSize: 200_000 } };
  const sized = (bytes: number) => measured(0.9, 100, { bytes });

  it('is met by a file of just that size', () => {
    expect(checkTarget(recipe, sized(400_000), sized(200_000))).toEqual({ maxSize: 200_000, met: true });
    expect(checkTarget(recipe, sized(400_000), sized(200_001))?.met).toBe(false);
  });

  it.each([
    ['guesses', measured(0.1, 1000, { classes: { perClass: Array.from({ length: 10 }, classOf), confusion: null } })],
    ['agrees with the original on less than half', measured(0.4, 1000, { metric: 'fidelity' })],
    ['gives other outputs', measured(0.2, 1000, { metric: 'similarity' })],
  ])('is not met by a file that %s, and that is said', (_, after) => {
    const before = measured(0.9, 1000, after.classes === undefined ? {} : { classes: after.classes });
    const target = checkTarget(recipe, before, after);
    expect(target?.met).toBe(false);
    expect(missedTarget({ target, before, after })).toMatch(/^The file is of no use: \w+ is \d+/);
  });

  it('is met by what was not measured: nobody asked for more than a size', () => {
    expect(checkTarget(recipe, measured(0.9, 1), measured(0, 0, { metric: null, value: null }))?.met).toBe(true);
  });

  it('goes with a limit on the drop: both have to be met', () => {
    const both = { ...recipe, target: { maxSize: 200_000, maxDrop: 1 } };
    expect(checkTarget(both, measured(0.9, 100), measured(0.85, 100, { bytes: 1 }))?.met).toBe(false);
    expect(checkTarget(both, measured(0.9, 100), measured(0.9, 100, { bytes: 1 }))?.met).toBe(true);
  });
});

describe('a target that was missed', () => {
  const missed = (target: object, before: Measurement, after: Measurement): string | null => {
    const recipe = { version: 1 as const, steps: [], target };
    return missedTarget({ target: checkTarget(recipe, before, after), before, after });
  };

  it('is told with how close the result came', () => {
    expect(missed({ maxSize: 200_000 }, measured(0.9, 100), measured(0.9, 100, { bytes: 210_000 }))).toBe(
      'The file has 210 KB, 10.0 KB more than 200 KB',
    );
    expect(missed({ maxDrop: 0.5 }, measured(0.9, 100), measured(0.8877, 100))).toBe(
      'More than 0.5 points of accuracy were lost (1.23)',
    );
    expect(missed({ maxDrop: 1, maxSize: 1 }, measured(1, 100), measured(0.9, 100, { bytes: 9 }))).toBe(
      'The file has 9 B, 8 B more than 1 B, and more than 1 point of accuracy were lost (10)',
    );
  });

  it('is told as not known where accuracy was not measured', () => {
    expect(missed({ maxDrop: 2 }, measured(0.9, 1), measured(0, 0, { metric: null, value: null }))).toMatch(
      /^Accuracy was not measured, and a limit of 2 points/,
    );
  });

  it('is none when all were met', () => {
    expect(missed({ maxDrop: 2, runtime: 'micro' }, measured(0.9, 1), measured(0.9, 1))).toBeNull();
  });
});
