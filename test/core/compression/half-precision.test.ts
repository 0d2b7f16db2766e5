import { describe, expect, test } from 'vitest';
import { denseTensor } from '../../../src/core/compression/encodings/dense';
import type { DenseTensor } from '../../../src/core/compression/encodings/encoded-tensor';
import { denseValues } from '../../../src/core/compression/encodings/stored';
import { computeInHalf } from '../../../src/core/formats/onnx/store/half-precision';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../src/core/kernels';
import type { Model } from '../../../src/core/model/model';
import type { Tensor } from '../../../src/core/runtime/tensor';
import { weights } from '../kernels/hostile';
import { graph, initializer, int, model, node, smallNetwork, value } from './models';
import { answers } from './running';

const make = (count: number, seed: number): Float32Array => weights(count, seed, 0.1);
const x: Tensor = { dtype: 'float32', shape: [2, 8, 6, 6], data: weights(2 * 8 * 36, 5, 1) };

async function halvesOf(from: Model): Promise<Map<string, DenseTensor>> {
  const kernels = await loadKernels();
  const reader = await openWeights(from);
  return new Map(
    [...from.graph.weights.values()]
      .filter(({ dtype }) => dtype === 'float32')
      .map((weight) => [
        weight.name,
        denseTensor(kernels, weight.shape, () => denseValues(kernels, reader, weight), 'float16'),
      ]),
  );
}

function expectClose(got: Tensor | undefined, expected: Tensor | undefined): void {
  const [a, b] = [Array.from(got?.data ?? [], Number), Array.from(expected?.data ?? [], Number)];
  expect(a).toHaveLength(b.length);
  const largest = Math.max(...b.map(Math.abs));
  expect(Math.max(...a.map((number, index) => Math.abs(number - (b[index] ?? NaN))))).toBeLessThan(0.01 * largest);
}

describe('computing in float16', () => {
  test('keeps float32 at the ends, and halves every weight', async () => {
    const from = model(smallNetwork(make));
    const half = computeInHalf(from, await halvesOf(from), { ends: 'float32' });
    expect([...half.graph.weights.values()].map(({ dtype }) => dtype)).toEqual(Array(5).fill('float16'));
    expect(half.graph.nodes.map(({ opType }) => opType)).toEqual([
      ...['Cast', 'Conv', 'Relu', 'Flatten', 'Gemm', 'MatMul', 'Cast'],
    ]);
    expectClose((await answers(half, { x }))['y'], (await answers(from, { x }))['y']);
  });

  test('takes and gives float16 where asked', async () => {
    const from = model(smallNetwork(make));
    const half = computeInHalf(from, await halvesOf(from), { ends: 'float16' });
    expect(half.graph.nodes.map(({ opType }) => opType)).not.toContain('Cast');
    expect([...half.graph.inputs, ...half.graph.outputs].map(({ type }) => type.dtype)).toEqual(['float16', 'float16']);
  });

  test('leaves in float32 what float16 cannot hold, with a Cast on each side', async () => {
    const from = model({
      nodes: [node('Mul', ['x', 'w'], ['m']), node('CumSum', ['m', 'axis'], ['s']), node('Relu', ['s'], ['y'])],
      weights: [initializer('w', [6], make(6, 1)), initializer('axis', [], BigInt64Array.of(3n), 'int64')],
      inputs: [value('x', [2, 8, 6, 6])],
      outputs: [value('y', [2, 8, 6, 6])],
    });
    const half = computeInHalf(from, await halvesOf(from), { ends: 'float32' });
    expect(half.graph.nodes.map(({ opType }) => opType)).toEqual([
      'Cast',
      'Mul',
      'Cast',
      'CumSum',
      'Cast',
      'Relu',
      'Cast',
    ]);
    expectClose((await answers(half, { x }))['y'], (await answers(from, { x }))['y']);
  });

  test('casts of integers become casts to float16, and branches see float32', async () => {
    const branch = (name: string) => ({
      kind: 'graph' as const,
      value: graph({
        nodes: [node(name, ['h'], ['b'])],
        weights: [],
        inputs: [],
        outputs: [value('b', [2, 8, 6, 6])],
      }),
    });
    const from = model({
      nodes: [
        node('Cast', ['count'], ['c'], { to: int(1) }),
        node('Mul', ['x', 'c'], ['h']),
        node('If', ['flag'], ['i'], { then_branch: branch('Relu'), else_branch: branch('Neg') }),
        node('Add', ['i', 'h'], ['y']),
      ],
      weights: [initializer('flag', [], new Int8Array([1]), 'bool')],
      inputs: [value('x', [2, 8, 6, 6]), value('count', [1], 'int64')],
      outputs: [value('y', [2, 8, 6, 6])],
    });
    const half = computeInHalf(from, await halvesOf(from), { ends: 'float32' });
    const count: Tensor = { dtype: 'int64', shape: [1], data: BigInt64Array.of(3n) };
    expectClose((await answers(half, { x, count }))['y'], (await answers(from, { x, count }))['y']);
  });
});
