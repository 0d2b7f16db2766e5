import { describe, expect, it } from 'vitest';
import { bytesText, countText, kilobytesText, percentText } from '../../../src/core/evaluation/report/figures';
import { reportText } from '../../../src/core/evaluation/report/text';
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
});
