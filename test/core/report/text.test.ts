import { describe, expect, it } from 'vitest';
import { bytesText, countText, kilobytesText, percentText } from '../../../src/core/evaluation/report/figures';
import { measurementText, reportText } from '../../../src/core/evaluation/report/text';
import { textTable } from '../../../src/core/evaluation/report/text-table';
import { exampleReport } from './report-example';

describe('figures', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1.00 K'],
    [174_970, '175 K'],
    [999_600, '1.00 M'],
    [20_400_000, '20.4 M'],
    [4_089_184_256, '4.09 G'],
  ])('%d elements are %s', (count, text) => expect(countText(count)).toBe(text));

  it('1 KB is 1000 bytes', () => {
    expect(bytesText(512)).toBe('512 B');
    expect(bytesText(704_600)).toBe('705 KB');
    expect(kilobytesText(1_750_200)).toBe('1,750.2');
  });
});

describe('a share', () => {
  it('is not rounded to all of it', () => {
    expect(percentText(0.934)).toBe('93.4 %');
    expect(percentText(0.9997)).toBe('99.97 %');
    expect(percentText(0.99997, 2)).toBe('99.997 %');
    expect(percentText(1)).toBe('100.0 %');
  });
});

describe('a table', () => {
  it('aligns numbers to the right and defuses control signs of names', () => {
    const columns = [
      { title: 'name', align: 'left' },
      { title: 'KB', align: 'right' },
    ] as const;
    expect(
      textTable(columns, [
        ['a\u001b[31m', '1.0'],
        ['bb', '10.0'],
      ]),
    ).toBe(['name         KB', '---------  ----', 'a\\x1b[31m   1.0', 'bb         10.0'].join('\n'));
  });
});

describe('a report for a terminal', () => {
  it('begins with the verdict and ends with what to try', () => {
    const text = reportText(exampleReport());
    expect(text).toMatch(/^3\.5 times smaller\.\n/);
    expect(text).toMatch(/accuracy +98\.00 % +97\.90 %/);
    expect(text).toMatch(/int8 per channel +38\.2/);
    expect(text).toMatch(/What to try next\n- Look again\. It may help\.\n {4}edgewise inspect 'a b\.onnx'$/);
  });

  it('tells every size, the memory and other metrics where they were measured', () => {
    const { before, after } = exampleReport();
    const more = {
      ...{ entropyBytes: 180_000, strippedBytes: 195_000, peakMemoryBytes: 4_200_000 },
      metrics: [{ name: 'top-5', value: 0.9991, unit: 'share', better: 'higher' } as const],
    };
    const text = reportText(exampleReport({ before, after: { ...after, ...more } }));
    expect(text).toMatch(/file, entropy bound +- +180 KB/);
    expect(text).toMatch(/file without names +- +195 KB/);
    expect(text).toMatch(/memory, peak +- +4\.20 MB/);
    expect(text).toMatch(/top-5 +- +99\.91 %/);
  });

  it('tells errors as numbers, under their own name', () => {
    const { before, after } = exampleReport();
    const headline = { name: 'mean absolute error', unit: 'number', better: 'lower' } as const;
    const metric = 'mean-absolute-error';
    const text = reportText(
      exampleReport({
        before: { ...before, metric, headline, value: 0.02134 },
        after: { ...after, metric, headline, value: 0.02199 },
      }),
    );
    expect(text).toMatch(/mean absolute error +0\.02134 +0\.02199/);
    expect(text).not.toMatch(/accuracy/);
  });

  it('lists what a search tried, the smallest first', () => {
    const front = [
      { name: 'int8 everywhere', bytes: 200_000, value: 0.979, metric: 'accuracy', chosen: false } as const,
      { name: 'int4, first layer int8', bytes: 120_000, value: 0.976, metric: 'accuracy', chosen: true } as const,
    ];
    const text = reportText(exampleReport({ front }));
    expect(text).toMatch(/int4, first layer int8 +120\.0 +97\.60 % +chosen\nint8 everywhere +200\.0 +97\.90 %\n/);
  });

  it('says why one measurement has no latency', () => {
    const { after } = exampleReport();
    const text = measurementText({ ...after, latencyMs: null, latencyReason: 'Its inputs are open.' });
    expect(text).toMatch(/\n\nIts inputs are open\.$/);
  });
});
