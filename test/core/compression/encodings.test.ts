import { describe, expect, test } from 'vitest';
import { affineTensor } from '../../../src/core/compression/encodings/affine';
import { denseDecoder, denseTensor } from '../../../src/core/compression/encodings/dense';
import type { AffineTensor, EncodedTensor } from '../../../src/core/compression/encodings/encoded-tensor';
import { decode } from '../../../src/core/compression/encodings';
import { packCodes, packedLength, unpackCodes, type CodeBits } from '../../../src/core/compression/encodings/packing';
import type { RealValues } from '../../../src/core/compression/encodings/real-values';
import { loadKernels, type Kernels } from '../../../src/core/kernels';
import { DTYPES, type DType } from '../../../src/core/model/dtype';
import type { ByteStream } from '../../../src/core/model/model';
import { hostile, random, weights } from '../kernels/hostile';
import { plainCode, plainHalfValue } from '../kernels/references';
import { collect, floats } from './models';
import { bytesOf, inPieces, valuesIn } from './encodings/sources';

describe('packed codes', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8] as CodeBits[])('%d bits come back, low bits first, signed or not', (bits) => {
    for (const count of [0, 1, 7, 8, 9, 100]) {
      const next = random(count);
      const codes = Uint8Array.from({ length: count }, () => next() * 2 ** bits);
      const packed = packCodes(bits, codes);
      expect(packed.byteLength).toBe(packedLength(bits, count));
      const back = new Uint8Array(count);
      unpackCodes(bits, false, packed, back);
      expect([...back]).toEqual([...codes]);
      unpackCodes(bits, true, packed, back);
      const half = 2 ** (bits - 1);
      expect([...new Int8Array(back.buffer)]).toEqual(
        [...codes].map((code) => (code >= half ? code - 2 * half : code)),
      );
    }
  });

  test('4 bits put the first code into the low half of the byte', () => {
    expect([...packCodes(4, Uint8Array.of(1, 2, 3))]).toEqual([0x21, 0x03]);
  });
});

function int8Codes(kernels: Kernels, shape: number[], openValues: () => RealValues, axis: number | null): AffineTensor {
  const scheme = { kind: 'affine', bits: 8, axis, block: null, symmetric: true, scales: 'minmax' } as const;
  return affineTensor(kernels, shape, openValues, scheme);
}

describe('8-bit codes', () => {
  test('are the same whether scales or codes are asked for first, and every time again', async () => {
    const kernels = await loadKernels();
    const open = valuesIn(kernels, inPieces(bytesOf(weights(6 * 50)), 64));
    const first = int8Codes(kernels, [6, 50], open, 0);
    const codes = await collect(first.codes);
    const second = int8Codes(kernels, [6, 50], open, 0);
    expect((await second.scales()).scale).toEqual((await first.scales()).scale);
    expect(await collect(second.codes)).toEqual(codes);
    expect(await collect(second.codes)).toEqual(codes);
  });

  test('of hostile values: scales come from finite ones, a channel of zeros or denormals has scale 1', async () => {
    const kernels = await loadKernels();
    const values = hostile(4 * 100, 11).map((v) => (Math.abs(v) > 1e6 && Number.isFinite(v) ? 0.5 : v));
    values.fill(0, 0, 100);
    values.fill(1e-44, 100, 200);
    const tensor = int8Codes(kernels, [4, 100], valuesIn(kernels, inPieces(bytesOf(values), 1000)), 0);
    const { scale } = await tensor.scales();
    expect([scale[0], scale[1]]).toEqual([1, 1]);
    const rows = [2, 3].map((row) => [...values.subarray(row * 100, row * 100 + 100)].filter(Number.isFinite));
    const peaks = rows.map((row) => Math.max(...row.map(Math.abs)));
    expect([scale[2], scale[3]]).toEqual(peaks.map((peak) => Math.fround(Math.fround(peak) / 127)));
    const codes = new Int8Array((await collect(tensor.codes)).buffer);
    expect([...codes]).toEqual(Array.from(values, (v, i) => plainCode(v, scale[Math.floor(i / 100)] ?? 1, 127)));
  });

  test('of a tensor too large to be kept are read twice, and equal the plain ones', async () => {
    const kernels = await loadKernels();
    const rows = 17;
    const columns = 2 ** 20;
    const row = (index: number): Float32Array => weights(columns, index + 1, 0.01 * (index + 1));
    let passes = 0;
    const stream: ByteStream = {
      byteLength: rows * columns * 4,
      async *chunks() {
        passes++;
        for (let index = 0; index < rows; index++) yield Promise.resolve(bytesOf(row(index)));
      },
    };
    const tensor = int8Codes(kernels, [rows, columns], valuesIn(kernels, stream), 0);
    let at = 0;
    let wrong = 0;
    for await (const chunk of tensor.codes.chunks()) {
      const codes = new Int8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const index = Math.floor(at / columns);
      if (index % 8 === 0 && chunk.byteLength > 0) {
        const values = row(index);
        const scale = Math.fround(values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) / 127);
        codes.subarray(0, 500).forEach((code, i) => {
          if (code !== plainCode(values[(at % columns) + i] ?? 0, scale, 127)) wrong++;
        });
      }
      at += chunk.byteLength;
    }
    expect([at, wrong, passes]).toEqual([rows * columns, 0, 2]);
  });

  test('stop with the error of their source, and give their memory back', async () => {
    const kernels = await loadKernels();
    const broken: ByteStream = {
      byteLength: 4000,
      async *chunks() {
        yield await Promise.resolve(new Uint8Array(8));
        throw new Error('the disk is gone');
      },
    };
    const tensor = int8Codes(kernels, [1000], valuesIn(kernels, broken), null);
    const first = kernels.take(1);
    kernels.give(first);
    await expect(collect(tensor.codes)).rejects.toThrow('the disk is gone');
    await expect(tensor.scales()).rejects.toThrow('the disk is gone');
    expect(kernels.take(1).address).toBe(first.address);
  });

  test('stop when they are cancelled', async () => {
    const kernels = await loadKernels();
    const open = valuesIn(kernels, inPieces(bytesOf(weights(100)), 400));
    const tensor = int8Codes(kernels, [100], open, null);
    const chunks = tensor.codes.chunks(AbortSignal.abort());
    await expect(chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('dense values', () => {
  test('float16 is rounded, and what it cannot hold is counted once the stream has run', async () => {
    const kernels = await loadKernels();
    const values = Float32Array.of(1, 1.0001, 1e-7, 70_000, -1e9, Infinity, NaN);
    let overflow = 0;
    const tensor = denseTensor(
      kernels,
      [7],
      valuesIn(kernels, inPieces(bytesOf(values), 3)),
      'float16',
      (n) => (overflow += n),
    );
    const halves = new Uint16Array((await collect(tensor.data)).buffer);
    expect([...halves].map(plainHalfValue)).toEqual([1, 1, 2 ** -23, 65_504, -65_504, Infinity, NaN]);
    expect(overflow).toBe(2);
  });

  test('every floating dtype that files hold is read, or refused by name', async () => {
    const kernels = await loadKernels();
    const read: Partial<Record<DType, [ArrayBufferView, number[]]>> = {
      float32: [Float32Array.of(1.5, -2), [1.5, -2]],
      float64: [Float64Array.of(1.5, -2e-3), [1.5, Math.fround(-2e-3)]],
      float16: [Uint16Array.of(0x3e00, 0xc000), [1.5, -2]],
      bfloat16: [Uint16Array.of(0x3fc0, 0xc000), [1.5, -2]],
      // One, the largest number, the smallest one, and what comes after the largest.
      float8e4m3fn: [Uint8Array.of(0x38, 0xfe, 0x01, 0x7f), [1, -448, 2 ** -9, NaN]],
      float8e4m3fnuz: [Uint8Array.of(0x40, 0xff, 0x01, 0x80), [1, -240, 2 ** -10, NaN]],
      float8e5m2: [Uint8Array.of(0x3c, 0xfb, 0x01, 0x7c), [1, -57_344, 2 ** -16, Infinity]],
      float8e5m2fnuz: [Uint8Array.of(0x40, 0xff, 0x01, 0x80), [1, -57_344, 2 ** -17, NaN]],
    };
    for (const dtype of DTYPES) {
      const known = read[dtype];
      if (known === undefined) {
        expect(() => denseDecoder(kernels, dtype)).toThrow(dtype);
        continue;
      }
      const tensor: EncodedTensor = {
        kind: 'dense',
        shape: [known[1].length],
        dtype,
        data: inPieces(bytesOf(known[0]), 3),
      };
      expect([...floats(await collect(decode(kernels, tensor)))]).toEqual(known[1]);
    }
  });
});
