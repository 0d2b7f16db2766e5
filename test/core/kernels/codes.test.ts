import { beforeEach, describe, expect, test } from 'vitest';
import { loadKernels, type Kernels } from '../../../src/core/kernels';
import { scaleLayout } from '../../../src/core/kernels/scale-layout';
import { anyBits, hostile, LENGTHS, MISALIGNMENTS, random, weights } from './hostile';
import { bytesAt, put } from './memory';
import { plainAffineCode, plainScaleIndex } from './references';

let kernels: Kernels;
beforeEach(async () => {
  kernels = await loadKernels();
});

const LAYOUTS: [string, number[], number | null, number | null][] = [
  ['one scale for the tensor', [3, 35], null, null],
  ['a scale a row', [5, 21], 0, null],
  ['a scale a filter', [6, 2, 3, 3], 0, null],
  ['a scale a column', [7, 37], 1, null],
  ['a scale a column, sixteen and more', [3, 67], 1, null],
  ['a scale along the middle', [2, 5, 9], 1, null],
  ['blocks of a row', [4, 96], 1, 32],
  ['blocks of a row, the last one shorter', [5, 75], 1, 16],
  ['blocks down the columns', [70, 19], 0, 16],
  ['blocks along the middle', [2, 37, 5], 1, 16],
  ['blocks longer than the axis', [3, 10], 1, 64],
];

const size = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

function scalesFor(count: number): Float32Array {
  return weights(count, 9, 0.01).map((value) => Math.abs(value) + 1e-4);
}

describe.each(LAYOUTS)('codes with %s', (_, shape, axis, block) => {
  const layout = scaleLayout(shape, axis, block);
  const total = size(shape);
  const scales = scalesFor(layout.scales);
  const scaleOf = (i: number): number => plainScaleIndex(i, shape, axis, block);

  test.each([
    ['signed', -127, 127, () => 0],
    ['unsigned, with zero points', 0, 255, (scale: number) => (scale * 37) % 256],
    ['of four bits', -7, 7, () => 0],
  ] as const)('are those of the formula: %s', (_name, low, high, zeroOf) => {
    const zeroPoints = Int32Array.from(scales, (_scale, i) => zeroOf(i));
    for (const values of [weights(total), hostile(total), anyBits(total)]) {
      const expected = Array.from(values, (value, i) =>
        plainAffineCode(value, scales[scaleOf(i)] ?? 1, zeroPoints[scaleOf(i)] ?? 0, low, high),
      );
      for (const step of [1, 17, total]) {
        const output = kernels.take(total + 1);
        const input = put(kernels, values, 3);
        const at = { first: 0, scales: put(kernels, scales, 1), zeroPoints: put(kernels, zeroPoints, 2) };
        for (let first = 0; first < total; first += step) {
          const span = { address: input + first * 4, first, count: Math.min(step, total - first) };
          kernels.codes.quantize(span, layout, at, { low, high }, output.address + 1 + first);
        }
        const bytes = bytesAt(output, 1, total);
        expect([...(low < 0 ? new Int8Array(bytes) : new Uint8Array(bytes))]).toEqual(expected);
      }
    }
  });

  test.each([true, false])('turn back into values; signed: %s', (signed) => {
    const codes = Uint8Array.from({ length: total }, (_value, i) => (i * 37 + 200) & 255);
    const zeroPoints = Int32Array.from(scales, (_value, i) => (signed ? (i % 50) - 3 : 128 - (i % 50)));
    const expected = Array.from(signed ? new Int8Array(codes.buffer) : codes, (code, i) =>
      Math.fround((code - (zeroPoints[scaleOf(i)] ?? 0)) * (scales[scaleOf(i)] ?? 0)),
    );
    const input = put(kernels, codes, 1);
    for (const step of [1, 19, total]) {
      const output = kernels.take(total * 4);
      const at = { first: 0, scales: put(kernels, scales, 4), zeroPoints: put(kernels, zeroPoints, 4) };
      for (let first = 0; first < total; first += step) {
        const span = { address: input + first, first, count: Math.min(step, total - first) };
        kernels.codes.dequantize(span, layout, at, signed, output.address + first * 4);
      }
      expect([...new Float32Array(bytesAt(output, 0, total * 4))].map((v) => v + 0)).toEqual(
        expected.map((v) => v + 0),
      );
    }
  });

  test('have ranges of finite values with zero in them, in chunks that begin anywhere', () => {
    const values = hostile(total, 5);
    const lows = new Float32Array(layout.scales);
    const highs = new Float32Array(layout.scales);
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const scale = scaleOf(i);
      lows[scale] = Math.min(lows[scale] ?? 0, value);
      highs[scale] = Math.max(highs[scale] ?? 0, value);
    });
    const input = put(kernels, values, 3);
    for (const step of [1, 5, 33, total]) {
      const low = kernels.put(new Float32Array(layout.scales));
      const high = kernels.put(new Float32Array(layout.scales));
      for (let first = 0; first < total; first += step) {
        const span = { address: input + first * 4, first, count: Math.min(step, total - first) };
        kernels.codes.extremes(span, layout, 0, low.address, high.address);
      }
      const peak = kernels.put(new Float32Array(layout.scales));
      for (let first = 0; first < total; first += step) {
        const span = { address: input + first * 4, first, count: Math.min(step, total - first) };
        kernels.codes.peaks(span, layout, 0, peak.address);
      }
      expect([...kernels.floats(peak.address, layout.scales)]).toEqual(
        Array.from(highs, (high, scale) => Math.max(high, -(lows[scale] ?? 0))),
      );
      expect([...kernels.floats(low.address, layout.scales)].map((v) => v + 0)).toEqual([...lows].map((v) => v + 0));
      expect([...kernels.floats(high.address, layout.scales)].map((v) => v + 0)).toEqual([...highs].map((v) => v + 0));
    }
  });

  test('lose the squared error that decoding them shows', () => {
    const values = weights(total, 4);
    values[total - 1] = Infinity;
    values[0] = NaN;
    const zeroPoints = Int32Array.from(scales, (_scale, i) => i % 16);
    const expected = new Float64Array(layout.scales);
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const [scale, zero] = [scales[scaleOf(i)] ?? 1, zeroPoints[scaleOf(i)] ?? 0];
      const code = plainAffineCode(value, scale, zero, 0, 15);
      expected[scaleOf(i)] = (expected[scaleOf(i)] ?? 0) + (value - Math.fround((code - zero) * scale)) ** 2;
    });
    const sums = kernels.take(layout.scales * 8);
    sums.bytes.fill(0);
    const at = { first: 0, scales: put(kernels, scales), zeroPoints: put(kernels, zeroPoints) };
    const input = put(kernels, values);
    for (let first = 0; first < total; first += 13) {
      const span = { address: input + first * 4, first, count: Math.min(13, total - first) };
      kernels.codes.quantizationLoss(span, layout, at, { low: 0, high: 15 }, sums.address);
    }
    const found = new Float64Array(bytesAt(sums, 0, layout.scales * 8));
    found.forEach((sum, i) => {
      expect(Math.abs(sum - (expected[i] ?? NaN))).toBeLessThanOrEqual(1e-6 * (expected[i] ?? 0) + 1e-18);
    });
  });

  test.each(['low', 'high', 'both'] as const)('keep the outermost values of a side: %s', (side) => {
    const values = hostile(total, 8);
    const rank = 3;
    const heaps = kernels.take(layout.scales * rank * 4);
    heaps.bytes.fill(0);
    const input = put(kernels, values, 1);
    for (let first = 0; first < total; first += 29) {
      const span = { address: input + first * 4, first, count: Math.min(29, total - first) };
      kernels.codes.largest(span, layout, 0, side, rank, heaps.address);
    }
    const found = kernels.floats(heaps.address, layout.scales * rank);
    for (let scale = 0; scale < layout.scales; scale++) {
      const outward = [...values]
        .filter((value, i) => scaleOf(i) === scale && Number.isFinite(value))
        .map((value) => (side === 'low' ? -value : side === 'high' ? value : Math.abs(value)))
        .filter((value) => value > 0)
        .sort((a, b) => b - a);
      expect(found[scale * rank]).toBe(outward[rank - 1] ?? 0);
    }
  });
});

test('halves go to the even code, NaN to the zero point, infinities to the ends', () => {
  const values = Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, 126.5, 127.5, -200, NaN, Infinity, -Infinity, -0);
  const output = kernels.take(values.length);
  const span = { address: put(kernels, values), first: 0, count: values.length };
  const layout = scaleLayout([values.length], null, null);
  const codes = (zero: number, low: number, high: number): ArrayBuffer => {
    const at = { first: 0, scales: put(kernels, Float32Array.of(1)), zeroPoints: put(kernels, Int32Array.of(zero)) };
    kernels.codes.quantize(span, layout, at, { low, high }, output.address);
    return bytesAt(output, 0, values.length);
  };
  expect([...new Int8Array(codes(0, -127, 127))]).toEqual([0, 2, 2, 0, -2, 126, 127, -127, 0, 127, -127, 0]);
  expect([...new Uint8Array(codes(5, 0, 255))]).toEqual([5, 7, 7, 5, 3, 131, 133, 0, 5, 255, 0, 5]);
});

describe.each([1, 2, 3, 4, 5, 6, 7])('codes of %d bits', (bits) => {
  test.each(LENGTHS)('%d of them come back, packed low bits first, signed or not', (count) => {
    const next = random(count + bits);
    // High bits that no code has must not show.
    const codes = Uint8Array.from({ length: count }, () => next() * 256);
    const masked = codes.map((code) => code & (2 ** bits - 1));
    const byteLength = Math.ceil((count * bits) / 8);
    const expected = new Uint8Array(byteLength);
    masked.forEach((code, i) => {
      for (let bit = 0; bit < bits; bit++) {
        const at = i * bits + bit;
        if ((code >> bit) & 1) expected[at >> 3] = (expected[at >> 3] ?? 0) | (1 << (at & 7));
      }
    });
    for (const misaligned of MISALIGNMENTS) {
      const output = kernels.take(byteLength + 9);
      output.bytes.fill(0xee);
      kernels.codes.pack(put(kernels, codes, misaligned), count, bits, output.address + 1);
      expect([...output.bytes.subarray(1, byteLength + 1)]).toEqual([...expected]);
      expect(output.bytes[0]).toBe(0xee);
      expect([...output.bytes.subarray(byteLength + 1)]).toEqual(new Array(8).fill(0xee));
      const back = kernels.take(count + 1);
      kernels.codes.unpack(output.address + 1, count, bits, false, back.address);
      expect([...back.bytes.subarray(0, count)]).toEqual([...masked]);
      kernels.codes.unpack(output.address + 1, count, bits, true, back.address);
      const half = 2 ** (bits - 1);
      expect([...new Int8Array(bytesAt(back, 0, count))]).toEqual(
        [...masked].map((code) => (code >= half ? code - 2 * half : code)),
      );
    }
    const place = put(kernels, codes, 3);
    kernels.codes.pack(place, count, bits, place);
    expect([...kernels.view(place, byteLength)]).toEqual([...expected]);
  });
});
