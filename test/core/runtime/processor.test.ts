import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from '../../../src/core/model/float16';
import { int8Probe, PROBE, PROBE_ANSWER } from '../../../src/core/runtime/int8-probe';
import { needsReducedRange, processorName } from '../../../src/core/runtime/processor';
import { rangeAdvice } from '../../../src/core/runtime/reduced-range';
import { openSession } from '../../../src/core/runtime/session';
import { coresOfCpuinfo, defaultThreads } from '../../../src/core/runtime/threads';
import { versions } from '../../../src/core/runtime/versions';
import { seeded } from '../formats/scratch';
import { castToFloat16 } from './cast-model';

const cpuinfo = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';

describe('the int8 probe', () => {
  it('is exact for products that fit 16 bits on every processor', async () => {
    const session = await openSession(int8Probe());
    const shape = [PROBE.rows, PROBE.shared];
    const { y } = await session.run({ a: { dtype: 'uint8', shape, data: new Uint8Array(256).fill(128) } });
    expect(new Set(Array.from(y?.data ?? [], Number))).toEqual(new Set([64 * 128 * 127]));
    expect(PROBE_ANSWER).toBe(64 * 255 * 127);
    await session.close();
  });

  it('finds no saturation where the processor has VNNI', async () => {
    const reduced = await needsReducedRange();
    if (/\b(avx512_vnni|avx_vnni)\b/.test(cpuinfo)) expect(reduced).toBe(false);
    else expect(typeof reduced).toBe('boolean');
  });
});

describe('advice on 7-bit weights', () => {
  it('is what the processor shows, where nothing is asked', async () => {
    const { reduce, why } = await rangeAdvice('auto');
    expect(reduce).toBe(await needsReducedRange());
    expect(why).toContain(reduce ? '7 bits' : '8 bits');
    expect(why).toContain('without VNNI');
  });

  it.each([
    [true, 'Weights have 7 bits, as asked'],
    [false, 'Weights have 8 bits, as asked'],
  ])('is what was asked: %s', async (asked, why) => {
    expect(await rangeAdvice(asked)).toEqual({ reduce: asked, why: expect.stringContaining(why) });
  });
});

describe('the machine', () => {
  it('has a name', () => {
    expect(processorName()).toMatch(/\S/);
  });

  it('is used with one thread for each physical core', () => {
    expect(defaultThreads()).toBeGreaterThanOrEqual(1);
    const processor = (id: number, socket: number, core: number): string =>
      `processor\t: ${id}\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;
    const twoSockets = [processor(0, 0, 0), processor(1, 0, 0), processor(2, 0, 1), processor(3, 1, 0)].join('\n');
    expect(coresOfCpuinfo(twoSockets)).toBe(3);
    expect(coresOfCpuinfo('processor\t: 0\nBogoMIPS\t: 50.00\n')).toBeNull();
  });

  it('tells the versions that produced a result', async () => {
    expect(await versions()).toEqual({
      edgewise: expect.stringMatching(/^\d+\.\d+\.\d+/),
      'onnxruntime-node': '1.30.0',
      node: process.versions.node,
    });
  });
});

describe('float16', () => {
  it('comes back bit for bit, every number of it', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromFloat16(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(fromFloat16(toFloat16(value)))).toBe(true);
      else if (toFloat16(value) !== bits) throw new Error(`${bits} became ${toFloat16(value)}.`);
    }
  });

  it('rounds to the nearest, ties to even, as ONNX Runtime casts', async () => {
    const random = seeded(3);
    const values = Float32Array.from({ length: 4000 }, () => (random() - 0.5) * 2 ** (random() * 44 - 26));
    values.set([65504, 65519.99, 65520, -65520, 2 ** -25, 3 * 2 ** -25, 2 ** -24, 1 + 2 ** -11, 1 + 3 * 2 ** -11]);
    expect(Uint16Array.from(values, toFloat16)).toEqual(await castToFloat16(values));
  });
});
