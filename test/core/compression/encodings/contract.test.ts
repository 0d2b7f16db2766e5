import { beforeEach, describe, expect, test } from 'vitest';
import type { CodeBits } from '../../../../src/core/compression/encodings/packing';
import type { AffineScheme, PaletteScheme, WeightScheme } from '../../../../src/core/compression/encodings/scheme';
import { loadKernels, type Kernels } from '../../../../src/core/kernels';
import { hostile, random, weights } from '../../kernels/hostile';
import { expectContract } from './contract';
import { sizeOf } from './plain';

let kernels: Kernels;
beforeEach(async () => {
  kernels = await loadKernels();
});

const affine = (fields: Partial<AffineScheme>): AffineScheme => ({
  kind: 'affine',
  bits: 8,
  axis: null,
  block: null,
  symmetric: true,
  scales: 'minmax',
  ...fields,
});
const palette = (fields: Partial<PaletteScheme>): PaletteScheme => ({
  kind: 'palette',
  bits: 4,
  axis: null,
  groups: 1,
  method: 'kmeans',
  ...fields,
});

/** One of each encoding, for values that are hard on all of them. */
const EACH: [string, WeightScheme][] = [
  ['float32', { kind: 'dense', dtype: 'float32' }],
  ['float16', { kind: 'dense', dtype: 'float16' }],
  ['bfloat16', { kind: 'dense', dtype: 'bfloat16' }],
  ['int8', affine({})],
  ['int4 per channel, least squares', affine({ bits: 4, axis: 0, scales: 'mse' })],
  ['uint4 in blocks', affine({ bits: 4, axis: 0, block: 16, symmetric: false })],
  ['uint3, least squares', affine({ bits: 3, symmetric: false, scales: 'mse' })],
  ['int6, percentile', affine({ bits: 6, scales: 'percentile' })],
  ['4-bit palette', palette({})],
  ['3-bit palette of equal steps', palette({ bits: 3, method: 'uniform' })],
  ['6-bit palette in groups', palette({ bits: 6, axis: 0, groups: 1 })],
  ['sparse float16', { kind: 'dense', dtype: 'float16', sparsity: 0.5 }],
  ['sparse int4 in blocks', affine({ bits: 4, axis: 0, block: 16, sparsity: 0.7 })],
  ['sparse int8 of a scale a channel', affine({ axis: 0, sparsity: 0.3 })],
  ['sparse 2-bit palette', palette({ bits: 2, sparsity: 0.9 })],
];

describe.each(EACH)('%s', (_, scheme) => {
  test.each([
    ['a constant', [7, 9], new Float32Array(63).fill(0.37)],
    ['zeros', [5, 13], new Float32Array(65)],
    ['negative zeros', [33], new Float32Array(33).fill(-0)],
    ['nothing', [0, 4], new Float32Array(0)],
    ['one element', [1], Float32Array.of(-2.5)],
    ['a scalar', [], Float32Array.of(3)],
    ['NaN alone', [3], new Float32Array(3).fill(NaN)],
    ['NaN and infinities among weights', [8, 8], weights(64).map((v, i) => [NaN, Infinity, -Infinity][i % 7] ?? v)],
    ['the smallest numbers', [40], Float32Array.from({ length: 40 }, (_v, i) => (i - 20) * 1.4e-45)],
    ['denormals', [4, 25], weights(100, 3, 1e-39)],
    ['the whole range', [16, 4], Float32Array.from({ length: 64 }, (_v, i) => (i % 2 ? -1 : 1) * 10 ** (i - 26))],
    ['values far from zero', [50], weights(50, 5, 1e-3).map((v) => v + 1000)],
    ['hostile values', [4, 65], hostile(260, 3)],
    ['equal magnitudes', [70], Float32Array.from({ length: 70 }, (_v, i) => (i % 3 ? 1 : -1))],
  ] as [string, number[], Float32Array][])('of %s', async (_name, shape, values) => {
    const fits = scheme.kind !== 'affine' || scheme.axis === null || shape.length > 0;
    if (fits) await expectContract(kernels, shape, values, scheme);
  });
});

/** Shapes of up to four dimensions, some of them 1, never much larger than a kernel's step. */
function randomShape(next: () => number): number[] {
  const rank = 1 + Math.floor(next() * 4);
  const limit = [0, 700, 40, 13, 7][rank] ?? 1;
  return Array.from({ length: rank }, () => 1 + Math.floor(next() * limit));
}

const pick = <T>(next: () => number, from: readonly T[]): T => {
  const found = from[Math.floor(next() * from.length)];
  if (found === undefined) throw new Error('Nothing to pick from.');
  return found;
};

function randomScheme(next: () => number, shape: number[]): WeightScheme {
  const axis = next() < 0.2 ? null : Math.floor(next() * shape.length);
  const sparsity = next() < 0.2 ? pick(next, [0.1, 0.5, 0.9, 1]) : 0;
  if (next() < 0.6) {
    const block = axis !== null && next() < 0.6 ? pick(next, [16, 17, 32, 128]) : null;
    const bits = pick<CodeBits>(next, [2, 3, 4, 5, 6, 7, 8]);
    const scales = pick(next, ['minmax', 'mse', 'percentile'] as const);
    return affine({ bits, axis, block, symmetric: next() < 0.5, scales, sparsity });
  }
  const length = axis === null ? 1 : (shape[axis] ?? 1);
  const groups = pick(
    next,
    [1, 2, 3, 4, length].filter((count) => length % count === 0),
  );
  const bits = pick(next, [1, 2, 3, 4, 5, 6, 7, 8]);
  return palette({ bits, axis, groups, method: pick(next, ['kmeans', 'uniform'] as const), sparsity });
}

describe('random shapes, axes, blocks, groups and bits', () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed + 1))('number %d', async (seed) => {
    const next = random(seed * 7919);
    for (let i = 0; i < 10; i++) next();
    const shape = randomShape(next);
    const scheme = randomScheme(next, shape);
    const values = next() < 0.3 ? hostile(sizeOf(shape), seed) : weights(sizeOf(shape), seed);
    await expectContract(kernels, shape, values, scheme);
  });
});

describe('tensors of several steps: nothing shows where one ends', () => {
  test.each([
    ['bfloat16', [530_003], { kind: 'dense', dtype: 'bfloat16' }],
    ['int8 a row', [3, 180_001], affine({ axis: 0 })],
    ['int5 a column', [180_001, 3], affine({ bits: 5, axis: 1 })],
    ['int4 in blocks of rows, the last ones shorter', [3, 180_007], affine({ bits: 4, axis: 1, block: 32 })],
    ['uint4 in blocks of columns', [731, 733], affine({ bits: 4, axis: 0, block: 32, symmetric: false })],
    ['int3 in blocks, least squares', [5, 110_007], affine({ bits: 3, axis: 1, block: 128, scales: 'mse' })],
    ['int4 in blocks of columns, least squares', [731, 733], affine({ bits: 4, axis: 0, block: 64, scales: 'mse' })],
    ['int4 a row of more rows than are at hand', [110_001, 5], affine({ bits: 4, axis: 0 })],
    ['uint6 a column of more columns than are at hand', [5, 110_001], affine({ bits: 6, axis: 1, symmetric: false })],
    ['int4 along the middle, least squares', [3, 70_001, 3], affine({ bits: 4, axis: 1, scales: 'mse' })],
    ['int8 a tensor, percentile', [530_003], affine({ scales: 'percentile' })],
    ['uint8 a column, percentile', [2200, 251], affine({ axis: 1, symmetric: false, scales: 'percentile' })],
    ['palette of bins', [530_003], palette({ bits: 3 })],
    ['palettes of groups among each other', [1375, 400], palette({ bits: 2, axis: 1, groups: 8 })],
    ['palettes of groups in turn', [8, 68_759], palette({ bits: 2, axis: 0, groups: 8 })],
    ['sparse float32', [530_003], { kind: 'dense', dtype: 'float32', sparsity: 0.25 }],
    ['sparse int4', [731, 743], affine({ bits: 4, axis: 0, block: 32, sparsity: 0.8 })],
  ] as [string, number[], WeightScheme][])('%s', async (_, shape, scheme) => {
    await expectContract(kernels, shape, weights(sizeOf(shape), shape.length), scheme);
  });
});

test('scales and codes are the same whichever is asked for first, and every time again', async () => {
  const values = weights(6 * 50);
  const first = await expectContract(kernels, [6, 50], values, affine({ bits: 4, axis: 1, block: 16, scales: 'mse' }));
  const second = await expectContract(kernels, [6, 50], values, affine({ bits: 4, axis: 1, block: 16, scales: 'mse' }));
  expect(first.kind === 'affine' && second.kind === 'affine' && (await first.scales())).toEqual(
    second.kind === 'affine' && (await second.scales()),
  );
});
