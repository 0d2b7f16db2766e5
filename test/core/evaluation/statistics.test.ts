import { describe, expect, it } from 'vitest';
import { comparePairedMeans, meanOf, ratioOf, shareOf } from '../../../src/core/evaluation/estimates';
import { wilsonInterval } from '../../../src/core/evaluation/interval';
import { quantile } from '../../../src/core/evaluation/latency';
import { NO_ANSWER, topOne } from '../../../src/core/evaluation/class-scores';
import { comparePaired, comparePairedScores, exactMcNemar, pairedInterval } from '../../../src/core/evaluation/paired';
import { studentPValue, studentQuantile } from '../../../src/core/evaluation/student';
import { sines } from './judging';

describe('Wilson’s interval', () => {
  // Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (successes, samples, low, high) => {
    const interval = wilsonInterval(successes, samples);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });

  it('stays within 0 and 1, and says nothing without samples', () => {
    expect(wilsonInterval(7, 7)[1]).toBe(1);
    expect(wilsonInterval(0, 7)[0]).toBe(0);
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});

describe('the exact McNemar test', () => {
  it('doubles the binomial tail', () => {
    // 2 * (1 + 11 + 55) / 2^11
    expect(exactMcNemar(9, 2)).toBeCloseTo(134 / 2048, 12);
    expect(exactMcNemar(2, 9)).toBeCloseTo(134 / 2048, 12);
    expect(exactMcNemar(0, 6)).toBeCloseTo(2 / 64, 12);
  });

  it('is 1 where as many were lost as gained, or none', () => {
    expect(exactMcNemar(5, 5)).toBe(1);
    expect(exactMcNemar(0, 0)).toBe(1);
  });

  it('holds for thousands of changes', () => {
    // Agresti, Categorical Data Analysis, table 10.1 (approval of the prime minister): 150 and 86.
    expect(exactMcNemar(86, 150)).toBeCloseTo(3.7159e-5, 8);
    expect(exactMcNemar(3000, 3000)).toBe(1);
    expect(exactMcNemar(2000, 4000)).toBeGreaterThanOrEqual(0);
  });
});

describe('the interval of a paired difference', () => {
  it('is Newcombe’s method 10', () => {
    // Newcombe 1998, Statistics in Medicine 17, 2635-2650, table II: e, f, g, h = 36, 12, 2, 0; difference 0.2.
    const [low, high] = pairedInterval({ both: 36, gained: 12, lost: 2, neither: 0 });
    expect(low).toBeCloseTo(0.0569, 4);
    expect(high).toBeCloseTo(0.3404, 4);
  });
});

describe('comparing two models on the same samples', () => {
  const labels = Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3);
  const before = Int32Array.of(0, 1, 2, 3, 0, 1, 0, 0);
  const after = Int32Array.of(0, 1, 2, 3, 0, 0, 2, 1);

  it('tells agreement, change and how sure it is', () => {
    const compared = comparePaired(before, after, labels);
    expect(compared).toMatchObject({ samples: 8, agreement: 5 / 8, change: 0, pValue: 1 });
    expect(compared.interval?.[0]).toBeLessThan(0);
    expect(compared.interval?.[1]).toBeGreaterThan(0);
  });

  it('tells only agreement without labels', () => {
    expect(comparePaired(before, after, null)).toEqual({
      samples: 8,
      agreement: 5 / 8,
      change: null,
      interval: null,
      pValue: null,
    });
  });

  it('counts what became right as a gain', () => {
    expect(comparePaired(before, labels, labels).change).toBe(2 / 8);
  });
});

describe('top-1', () => {
  it('is the first of the highest scores, and none where all are NaN', () => {
    const data = Float32Array.of(1, 3, 2, 5, 5, 0, NaN, NaN, NaN, NaN, -Infinity, NaN);
    expect(topOne({ dtype: 'float32', shape: [4, 3], data })).toEqual(Int32Array.of(1, 0, NO_ANSWER, 1));
  });

  it('reads float16 scores', () => {
    expect(topOne({ dtype: 'float16', shape: [1, 2], data: Uint16Array.of(0xc000, 0x3c00) })).toEqual(Int32Array.of(1));
  });
});

describe('quantiles of runs', () => {
  it('interpolate between neighbours', () => {
    const sorted = Float64Array.of(1, 2, 3, 4);
    expect(quantile(sorted, 0.5)).toBe(2.5);
    expect(quantile(sorted, 0.95)).toBeCloseTo(3.85, 12);
    expect(quantile(new Float64Array(), 0.5)).toBe(0);
  });
});

describe('Student’s distribution', () => {
  // SciPy 1.17: stats.t.sf(t, freedom) * 2, and stats.t.ppf(0.975, freedom)
  it.each([
    [2.5, 7, 0.04099221858575289],
    [1e-3, 1, 0.9993633804398159],
    [40, 3, 3.4380680789158506e-5],
  ])('has %f at %i degrees of freedom', (t, freedom, expected) => {
    expect(studentPValue(t, freedom) / expected).toBeCloseTo(1, 10);
  });

  it.each([
    [1, 12.70620474],
    [2, 4.30265273],
    [9, 2.26215716],
    [9999, 1.96020126],
  ])('has its limits of 95 %% at %i degrees of freedom', (freedom, expected) => {
    expect(studentQuantile(0.05, freedom)).toBeCloseTo(expected, 8);
  });
});

describe('two models’ figures on the same samples', () => {
  it('of right and wrong are compared as answers are', () => {
    const before = Float64Array.of(1, 1, 1, 0, 1, 1, 1, 1);
    const after = Float64Array.of(0, 0, 1, 1, 1, 1, 0, 0);
    expect(comparePairedScores(before, after)).toMatchObject({ agreement: 3 / 8, change: -3 / 8, pValue: 0.375 });
  });

  it('of errors are compared by their means', () => {
    const compared = comparePairedScores(Float64Array.of(0.5, 2, 3), Float64Array.of(0.5, 1, 1));
    expect(compared).toMatchObject({ samples: 3, agreement: 1 / 3, change: -1 });
    // SciPy: stats.ttest_rel
    expect(compared.pValue).toBeCloseTo(0.2254033307585166, 9);
  });
});

describe('estimates', () => {
  it('of two models on the same samples are compared sample by sample', () => {
    const [x, t] = [sines(60, 1.3), sines(60, 0.7)];
    const errors = (power: number): Float64Array =>
      Float64Array.from({ length: 10 }, (_, sample) =>
        [0, 1, 2, 3, 4, 5].reduce((sum, at) => {
          const index = sample * 6 + at;
          return sum + Math.abs((x[index] ?? 0) - (t[index] ?? 0)) ** power / 6;
        }, 0),
      );
    // SciPy: stats.ttest_rel
    const { change, interval, pValue } = comparePairedMeans(errors(2), errors(1));
    expect(change).toBeCloseTo(0.837407254 - 1.0442703977, 8);
    expect(interval?.[0]).toBeCloseTo(-0.377073528, 8);
    expect(pValue).toBeCloseTo(0.02250310043, 8);
  });

  it('of models that do the same find no change', () => {
    const same = Float64Array.of(1, 2, 3);
    expect(comparePairedMeans(same, same)).toEqual({ change: 0, interval: [0, 0], pValue: 1 });
    expect(comparePairedMeans(Float64Array.of(1), Float64Array.of(2))).toEqual({
      change: 1,
      interval: null,
      pValue: null,
    });
  });

  it('of a ratio take from both sums', () => {
    const { value, interval } = ratioOf(Float64Array.of(1, 0, 3, 2, 0), Float64Array.of(10, 8, 12, 9, 11));
    expect(value).toBeCloseTo(0.12, 12);
    expect(interval?.[0]).toBeCloseTo(-0.03186926314, 9);
    expect(interval?.[1]).toBeCloseTo(0.27186926314, 9);
  });

  it('of nothing are nothing', () => {
    const none = { value: null, interval: null };
    expect(meanOf(new Float64Array())).toEqual(none);
    expect(shareOf(new Float64Array())).toEqual(none);
    expect(ratioOf(Float64Array.of(1), Float64Array.of(0))).toEqual(none);
  });
});
