import { beforeEach, describe, expect, test } from 'vitest';
import { loadKernels, type Kernels } from '../../../src/core/kernels';
import { anyBits, hostile, LENGTHS, MISALIGNMENTS } from './hostile';
import { bytesAt, put } from './memory';
import { plainHalf, plainHalfValue } from './references';

let kernels: Kernels;
beforeEach(async () => {
  kernels = await loadKernels();
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
