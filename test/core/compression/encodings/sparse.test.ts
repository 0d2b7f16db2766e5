import { beforeEach, describe, expect, test } from 'vitest';
import { encodeWeight } from '../../../../src/core/compression/encodings/encode';
import type { SparseTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import { positionsOf, stepCount } from '../../../../src/core/compression/encodings/positions';
import { contentBytes } from '../../../../src/core/compression/encodings/size';
import { loadKernels, type Kernels } from '../../../../src/core/kernels';
import type { ByteStream } from '../../../../src/core/model/model';
import { random, weights } from '../../kernels/hostile';
import { collect } from '../models';
import { plainPack } from './plain';
import { floatsIn, inPieces } from './sources';

let kernels: Kernels;
beforeEach(async () => {
  kernels = await loadKernels();
});

async function sparse(values: Float32Array, sparsity: number): Promise<SparseTensor> {
  const scheme = { kind: 'dense', dtype: 'float32', sparsity } as const;
  const tensor = await encodeWeight(kernels, [values.length], floatsIn(kernels, values), scheme);
  if (tensor.kind !== 'sparse') throw new Error('Not sparse.');
  return tensor;
}

describe('what goes', () => {
  test.each([0.001, 0.25, 0.5, 0.949, 0.95, 0.9999, 1])('is just the share that was asked for: %d', async (share) => {
    const values = weights(10_000, 3);
    expect((await sparse(values, share)).nonZeros).toBe(10_000 - Math.round(share * 10_000));
  });

  test('are the smallest magnitudes, of equal ones the first', async () => {
    const values = Float32Array.of(2, -1, 1, 3, 1, -1, 1, 0.5);
    const mask = async (share: number): Promise<string> => {
      const [byte = 0] = await collect((await sparse(values, share)).mask);
      return byte.toString(2).padStart(8, '0').split('').reverse().join('');
    };
    expect(await mask(1 / 8)).toBe('11111110');
    expect(await mask(2 / 8)).toBe('10111110');
    expect(await mask(4 / 8)).toBe('10010110');
    expect(await mask(7 / 8)).toBe('00010000');
    expect(await mask(1)).toBe('00000000');
  });

  test('zeros that are there count, and are left out even when they are more', async () => {
    const values = weights(100, 2).map((value, i) => (i % 2 ? value : 0));
    expect((await sparse(values, 0.6)).nonZeros).toBe(40);
    expect((await sparse(values, 0.5)).nonZeros).toBe(50);
    expect((await sparse(values, 0.1)).nonZeros).toBe(50);
  });

  test.each([-0.1, 1.5, NaN])('a share of %d is refused', async (share) => {
    await expect(sparse(weights(10), share)).rejects.toMatchObject({ kind: 'unsupported' });
  });
});

function maskOf(positions: readonly number[], elements: number): ByteStream {
  const there = new Set(positions);
  const bits = Array.from({ length: elements }, (_, i) => (there.has(i) ? 1 : 0));
  return inPieces(Uint8Array.from(plainPack(1, bits)), 7);
}

describe('positions', () => {
  test('are those of the ones of a mask', async () => {
    const next = random(5);
    const expected = Array.from({ length: 3000 }, (_, i) => i).filter(() => next() < 0.1);
    const found: number[] = [];
    for await (const positions of positionsOf(maskOf(expected, 3000))) found.push(...positions);
    expect(found).toEqual(expected);
  });

  test.each([
    [[], 0],
    [[0], 1],
    [[255], 1],
    [[256], 2],
    [[510], 2],
    [[511], 3],
    [[0, 1, 2, 257], 4],
    [[0, 1, 2, 258], 5],
    [[0, 800], 5],
  ] as [number[], number][])('%j take %d steps of 8 bits, fillers included', async (positions, steps) => {
    expect(await stepCount(maskOf(positions, 1000))).toBe(steps);
  });

  test('steps of other lengths', async () => {
    expect(await stepCount(maskOf([0, 15, 30, 46], 100), 15)).toBe(5);
  });
});

test('a sparse palette of 95 % zeros takes a bit an element, and its codes and table', async () => {
  const scheme = { kind: 'palette', bits: 4, axis: null, groups: 1, method: 'kmeans', sparsity: 0.95 } as const;
  const values = weights(256 * 256 * 9);
  const tensor = await encodeWeight(kernels, [256, 256, 3, 3], floatsIn(kernels, values), scheme);
  const kept = values.length - Math.round(values.length * 0.95);
  expect(contentBytes(tensor)).toBe(values.length / 8 + Math.ceil(kept / 2) + 16 * 4);
});
