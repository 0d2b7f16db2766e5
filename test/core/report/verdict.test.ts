import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../../src/core/evaluation/measurement.schema';
import { verdict, type VerdictFacts } from '../../../src/core/evaluation/report/verdict';

const latency = (median: number, p95 = median * 1.1) => ({ median, p95, threads: 2, runs: 100, batch: 1 });

const before: Measurement = {
  metric: 'accuracy',
  value: 0.9341,
  interval: [0.9291, 0.9388],
  samples: 10_000,
  latencyMs: latency(0.9),
  loadMs: 10,
  bytes: 704_600,
  gzipBytes: 650_000,
  parameters: 174_970,
  macs: 20_400_000,
};
const after: Measurement = {
  ...before,
  value: 0.933,
  interval: [0.928, 0.938],
  latencyMs: latency(0.5),
  bytes: 216_300,
};
const paired: VerdictFacts['paired'] = {
  samples: 10_000,
  agreement: 0.99,
  change: -0.0011,
  interval: [-0.002, -0.0002],
  pValue: 0.02,
};
const facts: VerdictFacts = { before, after, paired, unit: 'images' };
const say = (change: Partial<Measurement>, rest: Partial<VerdictFacts> = {}): string =>
  verdict({ ...facts, ...rest, after: { ...after, ...change } });

describe('the verdict', () => {
  it('is a sentence that a manager can quote', () => {
    expect(verdict(facts)).toBe(
      '3.3 times smaller, 1.8 times faster, accuracy 93.4 % to 93.3 % (10,000 images, ±0.5).',
    );
  });

  it('says when the change is within chance', () => {
    expect(verdict({ ...facts, paired: { ...paired, pValue: 0.4 } })).toMatch(
      /±0\.5\)\. The change in accuracy is within chance\.$/,
    );
  });

  it('does not hide a model that became slower or larger', () => {
    expect(say({ latencyMs: latency(1.8) })).toMatch(/3\.3 times smaller, 2\.0 times slower/);
    expect(say({ bytes: 760_000 })).toMatch(/^8 % larger/);
    expect(say({ bytes: 1_409_200 })).toMatch(/^2\.0 times larger/);
    expect(say({ bytes: 704_000 })).toMatch(/^The same size/);
  });

  it('calls a difference in speed within the spread of the runs what it is', () => {
    expect(say({ latencyMs: latency(0.89) })).toMatch(/as fast as before/);
    const text = say({ latencyMs: { ...latency(0.75, 0.95), runs: 5 } });
    expect(text).toMatch(/3\.3 times smaller, no difference in speed beyond the spread of the runs, accuracy/);
    expect(text).not.toMatch(/faster|slower/);
  });

  it('shows more digits when fewer would hide a change', () => {
    expect(say({ value: 0.9343 })).toMatch(/accuracy 93\.41 % to 93\.43 %/);
    expect(say({ value: 0.9341 })).toMatch(/accuracy 93\.4 % as before/);
  });

  it('never calls fidelity accuracy', () => {
    const text = say({ metric: 'fidelity', value: 0.991, samples: 2000 });
    expect(text).toBe(
      '3.3 times smaller, 1.8 times faster, the same answer on 99.1 % of 2,000 images. Without labels, accuracy is unknown.',
    );
  });

  it('tells errors as numbers, and says which way they went', () => {
    const headline = { name: 'mean absolute error', unit: 'number', better: 'lower' } as const;
    const error = { ...before, metric: 'mean-absolute-error', headline, value: 0.0213, interval: null } as const;
    const worse: Measurement = { ...error, bytes: 216_300, latencyMs: latency(0.5), value: 0.0218 };
    expect(verdict({ before: error, after: worse, paired: null, unit: 'samples' })).toBe(
      '3.3 times smaller, 1.8 times faster, mean absolute error 0.0213 to 0.0218 (10,000 samples).',
    );
  });

  it('says what was not measured, and why', () => {
    expect(
      say({
        metric: null,
        reason: 'Accuracy is not measured: no data was given.',
        value: null,
        interval: null,
        samples: 0,
        latencyMs: null,
      }),
    ).toBe('3.3 times smaller. Accuracy is not measured: no data was given.');
  });
});
