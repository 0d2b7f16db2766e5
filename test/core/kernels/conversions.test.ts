import { beforeEach, describe, expect, test } from 'vitest';
import { loadKernels, type Kernels } from '../../../src/core/kernels';
import { channelLayout } from '../../../src/core/kernels/channels';
import { anyBits, hostile, LENGTHS, MISALIGNMENTS, weights } from './hostile';
import { bytesAt, put } from './memory';
import { plainChannel, plainCode, plainHalf, plainHalfValue } from './references';

let kernels: Kernels;
beforeEach(async () => {
  kernels = await loadKernels();
});

const LAYOUTS: [string, number[], number | null][] = [
  ['one scale for the tensor', [3, 35], null],
  ['a scale a row', [5, 21], 0],
  ['a scale a filter', [6, 2, 3, 3], 0],
  ['a scale a column', [7, 37], 1],
  ['a scale a column, sixteen and more', [3, 67], 1],
  ['a scale along the middle', [2, 5, 9], 1],
];

function scalesFor(channels: number): Float32Array {
  return weights(channels, 9, 0.01).map((value) => Math.abs(value) + 1e-4);
}

describe('float32 to int8', () => {
  test.each(LAYOUTS)('%s', (_, shape, axis) => {
    const layout = channelLayout(shape, axis);
    const total = shape.reduce((a, b) => a * b, 1);
    const scales = scalesFor(layout.channels);
    for (const values of [weights(total), hostile(total), anyBits(total)]) {
      const expected = Array.from(values, (value, i) =>
        plainCode(value, scales[plainChannel(i, layout.channels, layout.inner)] ?? 1, 127),
      );
      for (const step of [1, 17, total]) {
        const output = kernels.take(total + 1);
        const input = put(kernels, values, 3);
        const scaleAddress = put(kernels, scales, 1);
        for (let first = 0; first < total; first += step) {
          const span = { address: input + first * 4, first, count: Math.min(step, total - first) };
          kernels.quantize(span, layout, scaleAddress, 127, output.address + 1 + first);
        }
        expect([...new Int8Array(bytesAt(output, 1, total))]).toEqual(expected);
      }
    }
  });

  test('halves go to the even code, NaN to 0, infinities to the limits', () => {
    const values = Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, 126.5, 127.5, -200, NaN, Infinity, -Infinity, -0);
    const output = kernels.take(values.length);
    const span = { address: put(kernels, values), first: 0, count: values.length };
    kernels.quantize(span, channelLayout([values.length], null), put(kernels, Float32Array.of(1)), 127, output.address);
    expect([...new Int8Array(bytesAt(output, 0, values.length))]).toEqual([
      0, 2, 2, 0, -2, 126, 127, -127, 0, 127, -127, 0,
    ]);
  });
});

describe('8-bit codes to float32', () => {
  describe.each([true, false])('signed: %s', (signed) => {
    test.each(LAYOUTS)('%s', (_, shape, axis) => {
      const layout = channelLayout(shape, axis);
      const total = shape.reduce((a, b) => a * b, 1);
      const codes = Uint8Array.from({ length: total }, (_value, i) => (i * 37 + 200) & 255);
      const scales = scalesFor(layout.channels);
      const zeroPoints = Int32Array.from({ length: layout.channels }, (_value, i) => (signed ? i - 3 : 128 - i));
      const expected = Array.from(signed ? new Int8Array(codes.buffer) : codes, (code, i) => {
        const channel = plainChannel(i, layout.channels, layout.inner);
        return Math.fround((code - (zeroPoints[channel] ?? 0)) * (scales[channel] ?? 0));
      });
      const input = put(kernels, codes, 1);
      for (const step of [1, 19, total]) {
        const output = kernels.take(total * 4);
        for (let first = 0; first < total; first += step) {
          const span = { address: input + first, first, count: Math.min(step, total - first) };
          const to = output.address + first * 4;
          kernels.dequantize(span, layout, put(kernels, scales, 4), put(kernels, zeroPoints, 4), signed, to);
        }
        expect([...new Float32Array(bytesAt(output, 0, total * 4))].map((v) => v + 0)).toEqual(
          expected.map((v) => v + 0),
        );
      }
    });
  });
});

describe('float32 to float16', () => {
  const check = (values: Float32Array, misaligned: number): void => {
    const count = values.length;
    const output = kernels.take(count * 2 + 1);
    const overflow = kernels.halve(put(kernels, values, misaligned), count, output.address + 1);
    const got = new Uint16Array(bytesAt(output, 1, count * 2));
    let beyond = 0;
    values.forEach((value, i) => {
      const bits = got[i] ?? 0;
      if (Number.isNaN(value)) expect(plainHalfValue(bits)).toBeNaN();
      else expect(bits, `${value}`).toBe(plainHalf(value));
      if (Number.isFinite(value) && Math.abs(value) >= 65520) beyond++;
    });
    expect(overflow).toBe(beyond);
  };

  test.each(LENGTHS)('%d hostile elements', (count) => {
    for (const misaligned of MISALIGNMENTS) check(hostile(count, count + 2), misaligned);
    check(anyBits(count, count + 2), 0);
  });

  test('every float16 value comes back, and the middle between neighbours goes to the even one', () => {
    const exact = Float32Array.from({ length: 0x7c00 }, (_, bits) => plainHalfValue(bits));
    const middles = exact.map((value, bits) => (value + plainHalfValue(Math.min(bits + 1, 0x7bff))) / 2);
    check(exact, 0);
    check(
      exact.map((value) => -value),
      0,
    );
    check(middles, 0);
  });
});

describe('16-bit floats to float32', () => {
  const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

  test('every float16, subnormals and infinities included', () => {
    const output = kernels.take(all.length * 4);
    kernels.widenFloat16(put(kernels, all, 1), all.length, output.address);
    const got = new Float32Array(bytesAt(output, 0, all.length * 4));
    expect(all.every((bits) => Object.is(got[bits], plainHalfValue(bits)))).toBe(true);
  });

  test('every bfloat16', () => {
    const output = kernels.take(all.length * 4);
    kernels.widenBfloat16(put(kernels, all, 1), all.length, output.address);
    const got = new Uint32Array(bytesAt(output, 0, all.length * 4));
    expect(all.every((bits) => got[bits] === bits * 65_536)).toBe(true);
  });

  test.each(LENGTHS.filter((n) => n < 40))('%d elements, not a multiple of the lanes', (count) => {
    const output = kernels.take(count * 4);
    kernels.widenFloat16(put(kernels, all.slice(15_000, 15_000 + count), 1), count, output.address);
    expect([...new Float32Array(bytesAt(output, 0, count * 4))]).toEqual(
      Array.from({ length: count }, (_, i) => plainHalfValue(15_000 + i)),
    );
  });
});

describe('signal and noise', () => {
  test.each(LENGTHS)('of %d elements: pairs that are not finite are left out', (count) => {
    const a = hostile(count, 3);
    const b = hostile(count, 4).map((value, i) => (i % 3 === 0 ? value : (a[i] ?? 0) * 1.01));
    let signal = 0;
    let noise = 0;
    a.forEach((value, i) => {
      const other = b[i] ?? 0;
      if (!Number.isFinite(value) || !Number.isFinite(other)) return;
      signal += value * value;
      noise += (value - other) ** 2;
    });
    const got = kernels.noise(put(kernels, a, 4), put(kernels, b, 2), count);
    expect(Math.abs(got.signal - signal)).toBeLessThanOrEqual(1e-12 * signal);
    expect(Math.abs(got.noise - noise)).toBeLessThanOrEqual(1e-12 * noise);
  });
});
