import { beforeEach, describe, expect, test } from 'vitest';
import { valuesOf } from '../../../../src/core/compression/encodings';
import { encodeWeight } from '../../../../src/core/compression/encodings/encode';
import type { AffineTensor, EncodedTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import type { CodeBits } from '../../../../src/core/compression/encodings/packing';
import type { AffineScheme, ScaleChoice } from '../../../../src/core/compression/encodings/scheme';
import { loadKernels, type Kernels } from '../../../../src/core/kernels';
import { hostile, weights } from '../../kernels/hostile';
import { collect } from '../models';
import { expectContract } from './contract';
import { plainScaleCount } from './plain';
import { plainScaleIndex } from '../../kernels/references';
import { floatsIn, valuesIn } from './sources';

let kernels: Kernels;
beforeEach(async () => {
  kernels = await loadKernels();
});

const scheme = (fields: Partial<AffineScheme>): AffineScheme => ({
  kind: 'affine',
  bits: 4,
  axis: 0,
  block: null,
  symmetric: true,
  scales: 'minmax',
  ...fields,
});

/** Squared errors of finite values, one sum a scale. */
async function errorsOf(
  tensor: EncodedTensor,
  values: Float32Array,
  { axis, block }: Pick<AffineScheme, 'axis' | 'block'>,
): Promise<number[]> {
  const errors = new Array<number>(plainScaleCount(tensor.shape, axis, block)).fill(0);
  const decoded = valuesOf(kernels, tensor);
  for await (const { address, first, count } of decoded.spans()) {
    kernels.floats(address, count).forEach((meant, i) => {
      const value = values[first + i] ?? 0;
      const scale = plainScaleIndex(first + i, tensor.shape, axis, block);
      if (Number.isFinite(value)) errors[scale] = (errors[scale] ?? 0) + (value - meant) ** 2;
    });
  }
  decoded.close();
  return errors;
}

const LAYOUTS: [string, number[], number | null, number | null][] = [
  ['a tensor', [60, 50], null, null],
  ['a row', [12, 250], 0, null],
  ['a column', [250, 12], 1, null],
  ['a block of a row', [10, 200], 1, 32],
  ['a block of a column', [200, 10], 0, 64],
];

describe.each(LAYOUTS)('the least-squares scale of %s', (_, shape, axis, block) => {
  test.each([
    [2, true],
    [3, true],
    [4, false],
    [8, true],
  ] as [CodeBits, boolean][])(
    '%d bits, symmetric: %s: is nowhere worse than the whole range',
    async (bits, symmetric) => {
      for (const values of [weights(shape.reduce((a, b) => a * b)), hostile(shape.reduce((a, b) => a * b))]) {
        const errors = async (scales: ScaleChoice): Promise<number[]> => {
          const chosen = scheme({ bits, axis, block, symmetric, scales });
          return errorsOf(await encodeWeight(kernels, shape, floatsIn(kernels, values), chosen), values, chosen);
        };
        const [whole, least] = [await errors('minmax'), await errors('mse')];
        // Trials are measured in float32 differences and float64 sums, as these are.
        least.forEach((error, i) => {
          expect(error).toBeLessThanOrEqual((whole[i] ?? 0) * (1 + 1e-6));
        });
      }
    },
  );
});

test('with few codes, least squares gains much: more than 2 dB at 2 bits a tensor', async () => {
  const values = weights(20_000, 4);
  const error = async (scales: ScaleChoice): Promise<number> => {
    const chosen = scheme({ bits: 2, axis: null, scales });
    const tensor = await encodeWeight(kernels, [20_000], floatsIn(kernels, values), chosen);
    return (await errorsOf(tensor, values, chosen))[0] ?? NaN;
  };
  expect(10 * Math.log10((await error('minmax')) / (await error('mse')))).toBeGreaterThan(2);
});

test.each([true, false])(
  'no code means infinity, not even of the largest numbers; symmetric: %s',
  async (symmetric) => {
    const values = Float32Array.of(3.4028235e38, -3.4028235e38, 1, -1e38);
    for (const bits of [2, 3, 4, 5, 6, 7, 8] as CodeBits[]) {
      const chosen = scheme({ bits, axis: null, symmetric });
      const tensor = await expectContract(kernels, [4], values, chosen);
      for await (const { address, count } of valuesOf(kernels, tensor).spans()) {
        expect([...kernels.floats(address, count)].every(Number.isFinite)).toBe(true);
      }
    }
  },
);

describe('percentile scales', () => {
  test('leave out the outermost thousandth, and blocks whole', async () => {
    const values = Float32Array.from({ length: 3000 }, (_, i) => (i % 2 ? -1 : 1) * (i + 1));
    const scaleOf = async (fields: Partial<AffineScheme>): Promise<AffineTensor> => {
      const chosen = scheme({ bits: 8, axis: null, scales: 'percentile', ...fields });
      const tensor = await encodeWeight(kernels, [3000], floatsIn(kernels, values), chosen);
      if (tensor.kind !== 'affine') throw new Error('Not affine.');
      return tensor;
    };
    expect((await (await scaleOf({})).scales()).scale[0]).toBe(Math.fround(2997 / 127));
    const both = await (await scaleOf({ symmetric: false })).scales();
    expect([both.scale[0], both.zeroPoint?.[0]]).toEqual([Math.fround((2997 + 2998) / 255), 128]);
    const blocks = await (await scaleOf({ axis: 0, block: 256 })).scales();
    expect(blocks.scale[0]).toBe(Math.fround(256 / 127));
  });
});

describe('scales that a repair pass chose', () => {
  const given = { scale: Float32Array.of(0.5, 0.25), zeroPoint: null };

  test('win over those that values ask for', async () => {
    const tensor = await expectContract(kernels, [2, 30], weights(60), scheme({ given, scales: 'mse' }));
    expect(tensor.kind === 'affine' && (await tensor.scales()).scale).toEqual(given.scale);
  });

  test('go with zero points', async () => {
    const zeroPoint = Int32Array.of(3, 15);
    const chosen = scheme({ symmetric: false, given: { ...given, zeroPoint } });
    await expectContract(kernels, [2, 30], weights(60), chosen);
  });

  test.each([
    ['of another number', { scale: Float32Array.of(1), zeroPoint: null }],
    ['of zero', { scale: Float32Array.of(0, 1), zeroPoint: null }],
    ['that are no numbers', { scale: Float32Array.of(NaN, 1), zeroPoint: null }],
    ['with zero points that are no codes', { scale: Float32Array.of(1, 1), zeroPoint: Int32Array.of(0, 99) }],
  ])('are refused: %s', async (_, wrong) => {
    const encoded = encodeWeight(kernels, [2, 30], floatsIn(kernels, weights(60)), scheme({ given: wrong }));
    await expect(encoded).rejects.toThrow(/given scales do not fit/);
  });
});

test.each([
  [{ bits: 1 }, 'have 2 to 8 bits'],
  [{ axis: 2 }, 'has no axis 2'],
  [{ axis: null, block: 32 }, 'Blocks need an axis'],
  [{ block: 0 }, 'Blocks need an axis'],
] as [Partial<AffineScheme>, string][])('%j is refused', async (fields, sentence) => {
  await expect(encodeWeight(kernels, [2, 3], floatsIn(kernels, weights(6)), scheme(fields))).rejects.toThrow(sentence);
});

test('memory is bound by steps, not by the tensor: four times the elements take no more of it', async () => {
  const peakOf = async (rows: number, chosen: AffineScheme): Promise<number> => {
    const own = await loadKernels();
    let [held, peak] = [0, 0];
    const [take, give] = [own.take.bind(own), own.give.bind(own)];
    own.take = (byteLength) => {
      held += byteLength;
      peak = Math.max(peak, held);
      return take(byteLength);
    };
    own.give = (region) => {
      held -= region.bytes.byteLength;
      give(region);
    };
    const row = weights(2 ** 20);
    const bytes = new Uint8Array(row.buffer);
    const open = valuesIn(own, {
      byteLength: rows * bytes.byteLength,
      async *chunks() {
        for (let i = 0; i < rows; i++) yield Promise.resolve(bytes);
      },
    });
    const tensor = await encodeWeight(own, [rows, row.length], open, chosen);
    if (tensor.kind !== 'affine') throw new Error('Not affine.');
    let length = 0;
    for await (const chunk of tensor.codes.chunks()) length += chunk.byteLength;
    expect(length).toBe(tensor.codes.byteLength);
    return peak;
  };
  for (const chosen of [scheme({ axis: 1, block: 128 }), scheme({ axis: 0 })]) {
    // Both are larger than what is kept for a second pass. A hundredth: more rows have more scales.
    expect(await peakOf(80, chosen)).toBeLessThanOrEqual((await peakOf(20, chosen)) * 1.01);
  }
});

test.each(['minmax', 'mse', 'percentile'] as const)(
  'scales by %s stop with the error of their source, and give their memory back',
  async (scales) => {
    const open = valuesIn(kernels, {
      byteLength: 8000,
      async *chunks() {
        yield await Promise.resolve(new Uint8Array(8));
        throw new Error('the disk is gone');
      },
    });
    const first = kernels.take(1).address;
    const tensor = await encodeWeight(kernels, [2000], open, scheme({ axis: null, scales }));
    if (tensor.kind !== 'affine') throw new Error('Not affine.');
    await expect(collect(tensor.codes)).rejects.toThrow('the disk is gone');
    await expect(tensor.scales()).rejects.toThrow('the disk is gone');
    // Regions start on lines of 64 bytes.
    expect(kernels.take(1).address).toBe(first + 64);
  },
);
