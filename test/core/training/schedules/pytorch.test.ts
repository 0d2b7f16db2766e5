import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { plateau } from '../../../../src/core/training/schedules/plateau';
import type { Schedule } from '../../../../src/core/training/schedules/schedule';
import {
  constant,
  cosine,
  exponential,
  multiStep,
  oneCycle,
  polynomial,
  step,
  warmUp,
} from '../../../../src/core/training/schedules/shapes';
import { stored } from '../stored';

const { total, told, factors } = stored(
  'schedules.json',
  z.object({ total: z.number(), told: z.array(z.number()), factors: z.record(z.string(), z.array(z.number())) }),
);

const OURS: Readonly<Record<string, Schedule>> = {
  constant: constant(),
  cosine: cosine(),
  'cosine to a tenth': cosine(0.1),
  'one-cycle': oneCycle(),
  step: step(7, 0.3),
  'multi-step': multiStep([0.5, 0.75, 0.9], 0.1),
  exponential: exponential(0.01),
  polynomial: polynomial(2),
  plateau: plateau(2, 0.1),
  'warm-up, then cosine': warmUp(5, cosine()),
};

describe('the learning rate follows PyTorch’s schedulers, step by step', () => {
  it('has all of them', () => {
    expect(Object.keys(OURS)).toEqual(Object.keys(factors));
  });

  it.each(Object.entries(OURS))('%s', (name, schedule) => {
    const ours = told.map((value, at) => {
      const factor = schedule.factor(at, total);
      schedule.evaluated?.(value);
      return factor;
    });
    const theirs = factors[name] ?? [];
    expect(ours).toHaveLength(theirs.length);
    ours.forEach((factor, at) => {
      expect(factor, `step ${at}`).toBeCloseTo(theirs[at] ?? NaN, 10);
    });
  });
});

describe('a plateau', () => {
  it('goes on from what it has saved', () => {
    const [whole, before, after] = [plateau(2, 0.1), plateau(2, 0.1), plateau(2, 0.1)];
    for (const value of told) whole.evaluated?.(value);
    for (const value of told.slice(0, 9)) before.evaluated?.(value);
    after.restore?.(before.save?.() ?? []);
    for (const value of told.slice(9)) after.evaluated?.(value);
    expect(after.factor(0, total)).toBe(whole.factor(0, total));
  });

  it('begins again from a checkpoint without an evaluation', () => {
    const fresh = plateau(2, 0.1);
    fresh.restore?.(plateau(2, 0.1).save?.() ?? []);
    fresh.evaluated?.(-5);
    expect(fresh.save?.()).toEqual([1, 0, -5]);
  });
});

describe('short trainings', () => {
  it.each([1, 2, 3])('of %i steps have a rate above 0 under every schedule', (steps) => {
    for (const [name, schedule] of Object.entries(OURS))
      for (let at = 0; at < steps; at++) expect(schedule.factor(at, steps), name).toBeGreaterThan(0);
  });
});
