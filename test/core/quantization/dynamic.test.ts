import { describe, expect, it } from 'vitest';
import { quantizeDynamic, type DynamicOptions } from '../../../src/core/compression/quantization/dynamic';
import type { Model } from '../../../src/core/model/model';
import { initializer, int, model, node, smallNetwork, value } from '../compression/models';
import { optimized, scratchFolder } from '../compression/running';
import { difference, outputs, random, tensor } from './networks';

const folder = scratchFolder();
const options: DynamicOptions = { granularity: 'channel', keep: [], reduceRange: false };
const WIDTH = 32;

const matrix = (name: string, rows: number, columns: number, seed: number) =>
  initializer(
    name,
    [rows, columns],
    random(rows * columns, seed).map((each) => each / Math.sqrt(rows)),
  );

/** Attention without heads, and a classifier. */
function attention(): Model {
  const nodes = [
    node('MatMul', ['x', 'q.weight'], ['q']),
    node('MatMul', ['x', 'k.weight'], ['k']),
    node('Transpose', ['k'], ['kt'], { perm: { kind: 'ints', value: [0, 2, 1] } }),
    node('MatMul', ['q', 'kt'], ['a']),
    node('Softmax', ['a'], ['s']),
    node('MatMul', ['s', 'q'], ['m']),
    node('ReduceMean', ['m'], ['r'], { axes: { kind: 'ints', value: [1] }, keepdims: int(0) }),
    node('Gemm', ['r', 'fc.weight', 'fc.bias'], ['y'], { transB: int(1) }),
  ];
  const weights = [
    matrix('q.weight', WIDTH, WIDTH, 1),
    matrix('k.weight', WIDTH, WIDTH, 2),
    matrix('fc.weight', 10, WIDTH, 3),
    initializer('fc.bias', [10], random(10, 4)),
  ];
  return model({ nodes, weights, inputs: [value('x', ['n', 5, WIDTH])], outputs: [value('y', ['n', 10])] });
}

const feeds = { x: tensor([3, 5, WIDTH], random(15 * WIDTH, 7)) };

describe('dynamic int8', () => {
  it.each(['channel', 'tensor'] as const)(
    'multiplies codes, one scale a %s, without calibration',
    async (granularity) => {
      const { model: result, reference } = await quantizeDynamic(attention(), { ...options, granularity });
      expect(difference(await outputs(reference, feeds), await outputs(result, feeds))).toBeLessThan(0.03);
      const { operators, weights } = await optimized(result, folder);
      expect(operators).toEqual(expect.arrayContaining(['MatMulIntegerToFloat']));
      expect(operators.filter((each) => each === 'DynamicQuantizeLinear').length).toBeLessThanOrEqual(1);
      expect(Object.values(weights).filter((dtype) => dtype === 'int8')).toHaveLength(3);
    },
  );

  it('leaves kept layers float', async () => {
    const { model: result } = await quantizeDynamic(attention(), { ...options, keep: ['fc'] });
    expect(result.graph.weights.get('fc.weight')?.dtype).toBe('float32');
    expect(result.graph.nodes.map(({ opType }) => opType)).toContain('Gemm');
  });

  it('refuses a convolutional model with the reason, unless forced', async () => {
    const given = model(smallNetwork(random));
    await expect(quantizeDynamic(given, options)).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(quantizeDynamic(given, options)).rejects.toThrow('about ten times slower. Use static int8');
    const { model: forced, reference } = await quantizeDynamic(given, { ...options, force: true });
    const x = { x: tensor([2, 8, 6, 6], random(576, 9)) };
    expect(difference(await outputs(reference, x), await outputs(forced, x))).toBeLessThan(0.03);
    expect(forced.graph.nodes.map(({ opType }) => opType)).toContain('Conv');
  });

  it('refuses a model without products, in a sentence', async () => {
    const around = { inputs: [value('x', ['n', 4])], outputs: [value('y', ['n', 4])] };
    const given = model({ nodes: [node('Relu', ['x'], ['y'])], weights: [], ...around });
    await expect(quantizeDynamic(given, options)).rejects.toThrow(
      'has no MatMul or Gemm with constant float32 weights',
    );
  });

  it('names a weight that is not finite', async () => {
    const given = attention();
    const broken = initializer('q.weight', [WIDTH, WIDTH], random(WIDTH * WIDTH, 1).fill(NaN, 5, 6));
    const weights = new Map(given.graph.weights).set('q.weight', broken);
    const refused = quantizeDynamic({ ...given, graph: { ...given.graph, weights } }, options);
    await expect(refused).rejects.toThrow('"q.weight" hold NaN or infinite numbers');
  });
});
