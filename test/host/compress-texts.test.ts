import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compressionChoices } from '../../src/core/analysis/compression-choices';
import { summarize } from '../../src/core/analysis/summary';
import type { ModelSummary } from '../../src/core/analysis/summary.schema';
import { readModel } from '../../src/core/formats';
import type { Progress } from '../../src/core/progress';
import { choiceText } from '../../src/host/compress/choice-text';
import { TimeLeft, progressText } from '../../src/host/compress/progress-text';
import { sizeText } from '../../src/host/compress/size-text';

const step = (changes: Partial<Progress>): Progress => ({
  ...{ stage: 'Calibrating', done: 0, total: 500, unit: 'images' },
  ...changes,
});

describe('what the progress says', () => {
  it.each([
    [step({ done: 240 }), 12, 'Calibrating: 240 of 500 images, 12 s left'],
    [step({ done: 1240, total: 10_000 }), 200, 'Calibrating: 1,240 of 10,000 images, 3 min left'],
    [step({ done: 240 }), 0.2, 'Calibrating: 240 of 500 images, 1 s left'],
    [step({ done: 240 }), null, 'Calibrating: 240 of 500 images'],
    [step({ done: 499, unit: 'bytes' }), null, 'Calibrating: 99 %'],
    [step({ total: null }), null, 'Calibrating'],
    [step({ total: 0, unit: 'bytes' }), null, 'Calibrating: 100 %'],
  ])('%o, %s', (progress, left, text) => expect(progressText(progress, left)).toBe(text));
});

describe('the time left', () => {
  it('is told from the rate so far, once that means something', () => {
    const time = new TimeLeft();
    expect(time.of(step({ done: 0 }), 0)).toBeNull();
    expect(time.of(step({ done: 10 }), 1000)).toBeNull();
    expect(time.of(step({ done: 100 }), 2000)).toBeCloseTo(8);
    expect(time.of(step({ done: 500 }), 10_000)).toBe(0);
  });

  it('begins anew with each stage', () => {
    const time = new TimeLeft();
    time.of(step({ done: 0 }), 0);
    expect(time.of(step({ stage: 'Measuring', done: 400 }), 5000)).toBeNull();
    expect(time.of(step({ stage: 'Measuring', done: 450 }), 7000)).toBeCloseTo(2);
  });

  it('is not told where the end is not known', () => {
    const time = new TimeLeft();
    time.of(step({ total: null }), 0);
    expect(time.of(step({ done: 9, total: null }), 9000)).toBeNull();
  });
});

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [99_900, '100 KB'],
    [9_960, '10 KB'],
    [374_978, '375 KB'],
    [999_600, '1.0 MB'],
    [1_840_000_000, '1.8 GB'],
  ])('%s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
});

describe('the ways to compress the example', () => {
  let summary: ModelSummary;
  beforeAll(async () => {
    summary = summarize(await readModel(path.resolve(__dirname, '../../examples/digits/digits.onnx')));
  });

  it('begin with the recommended one', () => {
    const texts = compressionChoices(summary, { data: true }).map(choiceText);
    expect(texts.map(({ label }) => label.replace(/^\$\(\S+\) /, ''))).toEqual([
      'Fast integers, int8',
      'Weights only, int8',
      '4-bit weights, int4',
      '4-bit palette',
      'Half precision, float16',
      'Smallest within half a point',
    ]);
    expect(texts[0]?.description).toMatch(/^about \d+ KB \(estimate\) · recommended$/);
    expect(texts[1]?.description).toMatch(/^about \d+ KB \(estimate\)$/);
  });

  it('say first what they are for, because a quick pick cuts long lines', () => {
    const details = compressionChoices(summary, { data: true }).map((choice) => choiceText(choice).detail);
    for (const detail of details) expect(detail).toMatch(/^For .+\. /);
  });

  it('fit the line of a quick pick at its usual width', () => {
    // 600 pixels, less the icon, the copy button and margins, at about 6.5 pixels a letter.
    const FITS = 78;
    for (const { label, description, detail } of compressionChoices(summary, { data: true }).map(choiceText)) {
      expect(detail.length).toBeLessThanOrEqual(FITS);
      expect(`${label.replace(/^\$\(\S+\) /, '')} ${description}`.length).toBeLessThanOrEqual(FITS);
    }
  });
});
