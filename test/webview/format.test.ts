import { describe, expect, it } from 'vitest';
import {
  bytes,
  columnUnit,
  exact,
  inUnit,
  magnitude,
  milliseconds,
  percent,
  points,
  shape,
  si,
  times,
} from '../../webview/shared/format';
import { csv } from '../../webview/shared/csv';
import { nextOrder, sorted } from '../../webview/shared/sort';

/** Figures hold no-break spaces; the tests read better without. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('figures', () => {
  it('counts with SI prefixes, three digits at most after rounding', () => {
    expect(
      [0, 7, 999, 1000, 1234, 32_949, 99_949, 99_950, 174_970, 999_499, 999_500, 20_412_416, 7e9].map(si).map(plain),
    ).toEqual([
      '0',
      '7',
      '999',
      '1.0 K',
      '1.2 K',
      '32.9 K',
      '99.9 K',
      '100 K',
      '175 K',
      '999 K',
      '1.0 M',
      '20.4 M',
      '7.0 G',
    ]);
  });

  it('takes 1 KB for 1000 bytes', () => {
    expect([12, 1000, 4700, 1_800_000_000].map(bytes).map(plain)).toEqual(['12 B', '1.0 KB', '4.7 KB', '1.8 GB']);
  });

  it('keeps one unit through a column', () => {
    const small = columnUnit(705_000);
    expect([0, 20, 320, 36_480, 1_716_800].map((size) => inUnit(size, small))).toEqual([
      '0',
      '<0.1',
      '0.3',
      '36.5',
      '1,717',
    ]);
    expect(columnUnit(1.8e9).label).toBe('MB');
  });

  it('never rounds a share to nothing or to everything', () => {
    expect([0, 0.0001, 0.5, 0.9341, 0.9999, 1].map((share) => plain(percent(share, 0)))).toEqual([
      '0 %',
      '<1 %',
      '50 %',
      '93 %',
      '>99 %',
      '100 %',
    ]);
    expect(plain(percent(0.9341))).toBe('93.4 %');
  });

  it('signs differences in points', () => {
    expect([-0.0012, 0.003, 0, 0.0001].map(points)).toEqual(['−0.1', '+0.3', '0.0', '0.0']);
  });

  it('shows times, weights, shapes and factors', () => {
    expect([0.4213, 1.84, 230.4].map(milliseconds).map(plain)).toEqual(['0.42 ms', '1.8 ms', '230 ms']);
    expect([0, 0.02134, -1.5, 1.2e-7].map(magnitude)).toEqual(['0', '0.0213', '-1.5', '1.2e-7']);
    expect([shape(['batch', 3, null]), shape([]), shape(null)]).toEqual(['[batch, 3, ?]', '[]', 'unknown']);
    expect([1.84, 3.301, 12.4].map(times)).toEqual(['1.8', '3.3', '12']);
    expect(exact(1_234_567)).toBe('1,234,567');
  });
});

describe('sorting', () => {
  const rows = [{ n: 2 }, { n: null }, { n: 10 }, { n: 1 }];
  const values = (direction: 'ascending' | 'descending'): (number | null)[] =>
    sorted(rows, (row) => row.n, direction).map((row) => row.n);

  it('puts what is unknown last, in either direction', () => {
    expect(values('ascending')).toEqual([1, 2, 10, null]);
    expect(values('descending')).toEqual([10, 2, 1, null]);
  });

  it('sorts names as people count: layer2 before layer10', () => {
    expect(sorted(['layer10', 'layer2'], (name) => name, 'ascending')).toEqual(['layer2', 'layer10']);
  });

  it('starts numbers from the largest, names from the first, and turns with a second click', () => {
    expect(nextOrder(null, 'bytes', true)).toEqual({ column: 'bytes', direction: 'descending' });
    expect(nextOrder({ column: 'bytes', direction: 'descending' }, 'bytes', true).direction).toBe('ascending');
    expect(nextOrder({ column: 'bytes', direction: 'descending' }, 'name', false)).toEqual({
      column: 'name',
      direction: 'ascending',
    });
  });
});

describe('CSV', () => {
  it('quotes what needs it, and leaves unknown cells empty', () => {
    expect(csv([['a', 'b "c", d', null, 5]])).toBe('a,"b ""c"", d",,5\r\n');
  });

  it('does not let a name become a formula', () => {
    expect(csv([['=HYPERLINK("x")', '+1', '@x', '-x']])).toBe('"\'=HYPERLINK(""x"")",\'+1,\'@x,\'-x\r\n');
  });
});
