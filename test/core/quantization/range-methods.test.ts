import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ValueHistogram } from '../../../src/core/compression/calibration/histogram';
import { RANGE_METHODS, type RangeMethodName } from '../../../src/core/compression/calibration/methods';
import { EMPTY_RANGE, type Range } from '../../../src/core/compression/calibration/range';
import { ValueCounter } from '../../../src/core/compression/calibration/value-counter';
import { loadKernels } from '../../../src/core/kernels';
import { random } from './networks';

const counting = new ValueCounter(await loadKernels());

const COUNT = 20_000;
const UINT8 = 255;
const UINT16 = 65_535;

const folder = path.resolve(__dirname, '../../fixtures/calibration');

interface Reference {
  readonly share: number;
  readonly distributions: Readonly<
    Record<
      string,
      {
        readonly smallest: number;
        readonly largest: number;
        readonly percentile: readonly [number, number];
        readonly entropy: readonly [number, number];
        readonly squaredError: { readonly least: number; readonly whole: number };
      }
    >
  >;
}

/** Written by `make.py` beside it, with NumPy and ONNX Runtime's own calibration. */
const reference = JSON.parse(readFileSync(path.join(folder, 'ranges.json'), 'utf8')) as Reference;

/** The same numbers as in `make.py`: double precision, then rounded. */
const DISTRIBUTIONS: Readonly<Record<string, Float32Array>> = {
  bell: bell(1, (value, at) => (at === 7 ? 8 : value)),
  'rectified bell': bell(4, (value) => Math.max(value * 3 + 0.1, 0)),
  'long tails': bell(7, (value) => value ** 3 * 40),
  'rectified long tail': random(COUNT, 10).map((value) => Math.max(value, 0) ** 9 * 6),
  uniform: random(COUNT, 11).map((value) => value * 2 + 0.5),
};

function bell(seed: number, shape: (value: number, at: number) => number): Float32Array {
  const [a, b, c] = [random(COUNT, seed), random(COUNT, seed + 1), random(COUNT, seed + 2)];
  return a.map((value, at) => shape((value + (b[at] ?? 0) + (c[at] ?? 0)) / 3, at));
}

function extremesOf(values: Float32Array): Range {
  return values.reduce(
    (range, value) => ({ min: Math.min(range.min, value), max: Math.max(range.max, value) }),
    EMPTY_RANGE,
  );
}

function histogramOf(...batches: Float32Array[]): ValueHistogram {
  const histogram = new ValueHistogram();
  for (const batch of batches) histogram.add(batch, counting);
  return histogram;
}

function chosen(name: RangeMethodName, histogram: ValueHistogram, highestCode = UINT8, share = reference.share): Range {
  const method = RANGE_METHODS[name];
  if (method.observes !== 'histogram') throw new Error('reads no histogram');
  return method.choose(histogram, { highestCode, share });
}

/** Mean squared error of numbers after rounding to codes. */
function errorOf(values: Float32Array, range: Range, highestCode: number): number {
  const low = Math.min(range.min, 0);
  const scale = (Math.max(range.max, 0) - low) / highestCode;
  const zeroPoint = Math.round(-low / scale);
  const squares = Array.from(values, (value) => {
    const code = Math.min(highestCode, Math.max(0, Math.round(value / scale) + zeroPoint));
    return (value - (code - zeroPoint) * scale) ** 2;
  });
  return squares.reduce((a, b) => a + b, 0) / values.length;
}

describe('counts of values', () => {
  const values = random(1000, 3).map((value) => value ** 3 * 7);

  it('are those of each bin, whose width is a power of two', () => {
    const histogram = histogramOf(values);
    expect(Number.isInteger(Math.log2(histogram.width))).toBe(true);
    for (let bin = histogram.used.from; bin < histogram.used.to; bin++) {
      const inside = values.filter((value) => value >= histogram.edge(bin) && value < histogram.edge(bin + 1));
      expect(histogram.counts[bin]).toBe(inside.length);
    }
  });

  it('do not depend on the order of the values, or on how they come in batches', () => {
    const whole = histogramOf(values);
    const split = [histogramOf(...[0, 1, 2, 3].map((at) => values.slice(at * 250, (at + 1) * 250)))];
    const ascending = values.slice().sort();
    split.push(histogramOf(...Array.from(ascending, (value) => Float32Array.of(value))));
    for (const histogram of split) {
      expect(histogram.exponent).toBe(whole.exponent);
      expect(histogram.counts).toEqual(whole.counts);
      expect(histogram.range).toEqual(whole.range);
    }
  });

  it('are the same for many values as for few at a time', () => {
    const many = random(50_003, 9).map((value) => Math.max(0, value) * 3);
    const parts = Array.from({ length: 51 }, (_, at) => many.slice(at * 1000, (at + 1) * 1000));
    expect(histogramOf(many).counts).toEqual(histogramOf(...parts).counts);
  });

  it.each([
    ['nothing', []],
    ['zeros', [0, 0, 0]],
    ['one number', [3]],
    ['one negative number', [-3]],
    ['the largest and the smallest numbers there are', [3.4e38, -3.4e38, 1e-45, -1e-45]],
    ['denormal numbers', [1e-44, 3e-45]],
    ['zeros, then numbers', [0, 0, 1e-20, 1e20]],
  ])('hold %s, and every method keeps within them', (_, given) => {
    const histogram = histogramOf(...given.map((value) => Float32Array.of(value)));
    expect(histogram.counts.reduce((a, b) => a + b, 0)).toBe(given.length);
    if (given.length === 0) return;
    for (const name of ['percentile', 'entropy', 'mse'] as const) {
      const range = chosen(name, histogram);
      expect(range.min).toBeGreaterThanOrEqual(Math.min(0, histogram.range.min));
      expect(range.max).toBeLessThanOrEqual(Math.max(0, histogram.range.max));
      expect(range.max).toBeGreaterThanOrEqual(range.min);
    }
  });

  it('stop at NaN and infinite values, which the range then tells', () => {
    expect(histogramOf(Float32Array.of(1, Infinity)).range.max).toBe(Infinity);
    const histogram = new ValueHistogram();
    histogram.add(Float32Array.of(NaN), counting);
    histogram.add(Float32Array.of(1), counting);
    expect(histogram.range).toEqual({ min: NaN, max: NaN });
  });
});

describe.each(Object.entries(reference.distributions))('ranges of the distribution "%s"', (name, expected) => {
  const values = DISTRIBUTIONS[name] ?? new Float32Array();
  const histogram = histogramOf(values);

  it('is drawn from the same numbers as the reference', () => {
    expect(extremesOf(values).min).toBeCloseTo(expected.smallest, 5);
    expect(extremesOf(values).max).toBeCloseTo(expected.largest, 5);
  });

  it('percentile: to the width of a bin as ONNX Runtime, and the share itself', () => {
    const range = chosen('percentile', histogram);
    const [low, high] = expected.percentile;
    const magnitude = Math.max(-expected.smallest, expected.largest);
    const width = histogram.width + (2 * magnitude) / 2048;
    expect(Math.abs(range.min - low)).toBeLessThanOrEqual(width);
    expect(Math.abs(range.max - high)).toBeLessThanOrEqual(width);
    const cut = values.filter((value) => value < range.min || value > range.max).length;
    expect(cut).toBeLessThanOrEqual(COUNT * (1 - reference.share));
  });

  it('entropy: as the reference in NumPy', () => {
    const range = chosen('entropy', histogram);
    expect(range.min).toBeCloseTo(expected.entropy[0], 5);
    expect(range.max).toBeCloseTo(expected.entropy[1], 5);
  });

  it('squared error: no larger than the least of 2,500 ranges that were tried on the numbers themselves', () => {
    const error = errorOf(values, chosen('mse', histogram), UINT8);
    expect(error).toBeLessThanOrEqual(1.01 * expected.squaredError.least);
  });

  it('squared error: 16 bits cut little', () => {
    const [wide, narrow] = [UINT16, UINT8].map((code) => chosen('mse', histogram, code));
    expect((wide?.max ?? 0) - (wide?.min ?? 0)).toBeGreaterThanOrEqual((narrow?.max ?? 0) - (narrow?.min ?? 0));
    expect(errorOf(values, wide ?? EMPTY_RANGE, UINT16)).toBeLessThanOrEqual(
      1.01 * errorOf(values, histogram.range, UINT16),
    );
  });
});

describe('the percentile', () => {
  it('is an option', () => {
    const values = random(COUNT, 5);
    const half = chosen('percentile', histogramOf(values), UINT8, 0.5);
    expect(half.min).toBeCloseTo(-0.5, 1);
    expect(half.max).toBeCloseTo(0.5, 1);
    expect(chosen('percentile', histogramOf(values), UINT8, 1)).toEqual(extremesOf(values));
  });
});

describe('the moving average', () => {
  const method = RANGE_METHODS['moving-average'];

  it('keeps nine tenths for each step of 32 samples, beginning with the first batch', () => {
    const batches: Range[] = [
      { min: -1, max: 4 },
      { min: -3, max: 2 },
      { min: -2, max: 20 },
    ];
    const range = batches.reduce((known, batch) => method.add(known, batch, 32), EMPTY_RANGE);
    expect(range.min).toBeCloseTo((-1 * 0.9 + -3 * 0.1) * 0.9 + -2 * 0.1, 12);
    expect(range.max).toBeCloseTo((4 * 0.9 + 2 * 0.1) * 0.9 + 20 * 0.1, 12);
  });

  it('weighs a batch by its samples', () => {
    const known = { min: 0, max: 1 };
    const batch = { min: 0, max: 3 };
    const halves = method.add(method.add(known, batch, 16), batch, 16);
    expect(halves.max).toBeCloseTo(method.add(known, batch, 32).max, 12);
  });

  it('keeps NaN', () => {
    const broken = method.add({ min: 0, max: 1 }, { min: NaN, max: NaN }, 32);
    expect(method.add(broken, { min: 0, max: 1 }, 32)).toEqual({ min: NaN, max: NaN });
  });
});
