import { expect, test } from 'vitest';
import { NearestEntries, startsOf, thresholdsOf } from '../../../../src/core/compression/encodings/nearest-entries';
import { loadKernels } from '../../../../src/core/kernels';
import { partLayout } from '../../../../src/core/kernels/scale-layout';
import { anyBits, hostile, weights } from '../../kernels/hostile';
import { same } from './contract';
import { plainPalette } from './plain';

const FLOAT = new Float32Array(1);
const BITS = new Int32Array(FLOAT.buffer);

/** The float32 so many places further. */
function further(value: number, places: number): number {
  FLOAT[0] = value;
  BITS[0] = (BITS[0] ?? 0) + places;
  return FLOAT[0];
}

/** Entries in ascending order, each once, filled up with the last. */
function tableOf(entries: Float32Array): Float32Array {
  const distinct = [...new Set(entries)].sort((a, b) => a - b);
  return entries.map((_, code) => distinct[Math.min(code, distinct.length - 1)] ?? 0);
}

const TABLES: [string, Float32Array][] = [
  ['near normal entries', tableOf(weights(256, 3))],
  ['entries that all have the same upper 16 bits', Float32Array.from({ length: 256 }, (_, i) => 1 + i * 2 ** -20)],
  ['entries next to each other', Float32Array.from({ length: 64 }, (_, i) => further(-0.7, -i)).sort()],
  ['denormal entries', Float32Array.from({ length: 32 }, (_, i) => (i - 16) * 1.4e-45)],
  ['entries over the whole range', tableOf(hostile(128, 5).map((v) => (Number.isFinite(v) ? v : 1)))],
  ['one entry, filled up', new Float32Array(32).fill(0.25)],
];

test.each(TABLES)(
  'the code of a value is that of the nearest entry, for values around each middle: %s',
  async (_, table) => {
    const kernels = await loadKernels();
    const bits = Math.log2(table.length);
    const middles = [...table].map((entry, i) => (entry + (table[i + 1] ?? entry)) / 2);
    const around = [...table, ...middles].flatMap((value) => [-2, -1, 0, 1, 2].map((places) => further(value, places)));
    const values = Float32Array.from([...around, ...anyBits(5000), ...hostile(3000), ...weights(3000)]);
    const layout = partLayout([values.length], null, 1);
    const input = kernels.put(values);
    const nearest = new NearestEntries(kernels, layout, bits, table);
    nearest.assign({ address: input.address, first: 0, count: values.length }, input.address);
    nearest.close();
    const scheme = { kind: 'palette', bits, axis: null, groups: 1, method: 'kmeans' } as const;
    const expected = plainPalette(values, [values.length], scheme, table);
    expect(same(input.bytes.subarray(0, values.length), expected)).toEqual([]);
  },
);

test.each(TABLES)('looked up by the upper 16 bits, no code needs more than the stated steps: %s', (_, table) => {
  const bits = Math.log2(table.length);
  const thresholds = thresholdsOf(table, bits);
  const { starts, steps } = startsOf(thresholds, bits);
  const expectSteps = (upper: number): number => {
    const codes = [0, 1, 0x7fff, 0xfffe, 0xffff].map((lower) => {
      BITS[0] = (upper << 16) | lower;
      const value = FLOAT[0] ?? 0;
      return thresholds.reduce((code, threshold) => code + (value >= threshold ? 1 : 0), 0);
    });
    expect(Math.min(...codes)).toBe(starts[upper]);
    return Math.max(...codes) - Math.min(...codes);
  };
  const withThresholds = [...thresholds].filter(Number.isFinite).map((threshold) => {
    FLOAT[0] = threshold;
    return (BITS[0] ?? 0) >>> 16;
  });
  const most = [...new Set(withThresholds)].map(expectSteps);
  expect(Math.max(0, ...most)).toBe(steps);
  for (let upper = 0; upper < 0x7f80; upper += 61) {
    expect(expectSteps(upper)).toBeLessThanOrEqual(steps);
    expect(expectSteps(upper + 0x8000)).toBeLessThanOrEqual(steps);
  }
});
