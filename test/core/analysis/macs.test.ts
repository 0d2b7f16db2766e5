import { describe, expect, test } from 'vitest';
import { summarize } from '../../../src/core/analysis/summary';
import type { Model } from '../../../src/core/model/model';
import { floats, graph, integers, model, node, value, weight } from './graphs';
import { resnet50 } from './resnet50';

const macsOf = (built: Model, dims: Record<string, number> = {}): number | null => summarize(built, { dims }).macs;

describe('multiply-accumulates', () => {
  test('ResNet-50 takes 4,089,184,256 for one image of 3 x 224 x 224', () => {
    const summary = summarize(resnet50());
    expect(summary.macs).toBe(4_089_184_256);
    expect(summary.parameters).toBe(25_557_032);
    expect(summary.buffers).toBe(53_120);
    expect(summary.symbols).toEqual(['batch']);
    expect(macsOf(resnet50(), { batch: 8 })).toBe(8 * 4_089_184_256);
  });

  test('Conv: output elements x input channels of a group x kernel; bias and padding do not count', () => {
    const built = model({
      nodes: [node('Conv', ['x', 'w', 'b'], ['y'], { attributes: { group: 2, pads: [1, 1, 1, 1], strides: [2, 2] } })],
      weights: [weight('w', [6, 2, 3, 3]), weight('b', [6])],
      inputs: [value('x', [1, 4, 8, 8])],
      outputs: [value('y', null)],
    });
    expect(macsOf(built)).toBe(6 * 4 * 4 * 2 * 9);
  });

  test('ConvTranspose: input positions, each with the whole kernel', () => {
    const built = model({
      nodes: [node('ConvTranspose', ['x', 'w'], ['y'], { attributes: { strides: [2, 2] } })],
      weights: [weight('w', [4, 5, 3, 3])],
      inputs: [value('x', [1, 4, 8, 8])],
      outputs: [value('y', null)],
    });
    const [layer] = summarize(built).layers;
    expect(layer?.outputShape).toEqual([1, 5, 17, 17]);
    expect(layer?.macs).toBe(8 * 8 * 4 * 5 * 9);
  });

  test('MatMul: batch dimensions multiply, Gemm reads its transpositions', () => {
    const built = model({
      nodes: [
        node('MatMul', ['a', 'b'], ['c']),
        node('Gemm', ['d', 'w'], ['e'], { attributes: { transA: 1, transB: 1 } }),
      ],
      weights: [weight('w', [7, 5])],
      inputs: [value('a', [2, 3, 4, 5]), value('b', [3, 5, 6]), value('d', [5, 9])],
      outputs: [value('c', null), value('e', null)],
    });
    expect(summarize(built).layers.map((layer) => layer.macs)).toEqual([2 * 3 * 4 * 6 * 5, 9 * 7 * 5]);
  });

  test('quantized operators cost what their float forms cost', () => {
    const scale = floats('s', [0.1], []);
    const zero = weight('z', [], 'uint8');
    const built = model({
      nodes: [
        node('QLinearConv', ['x', 's', 'z', 'w', 's', 'z', 's', 'z'], ['y']),
        node('MatMulInteger', ['a', 'm'], ['p']),
        node('MatMulNBits', ['f', 'q', 'qs'], ['g'], {
          domain: 'com.microsoft',
          attributes: { K: 64, N: 16, bits: 4, block_size: 32 },
        }),
      ],
      weights: [
        scale,
        zero,
        weight('w', [8, 3, 3, 3], 'int8'),
        weight('m', [5, 6], 'int8'),
        weight('q', [16, 2, 16], 'uint8'),
        weight('qs', [32]),
      ],
      inputs: [value('x', [1, 3, 10, 10], 'uint8'), value('a', [4, 5], 'uint8'), value('f', [2, 64])],
      outputs: [value('y', null), value('p', null), value('g', null)],
    });
    expect(summarize(built).layers.map((layer) => layer.macs)).toEqual([8 * 64 * 27, 4 * 6 * 5, 2 * 16 * 64]);
  });

  test('LSTM: input and recurrent matrices at every step', () => {
    const built = model({
      nodes: [node('LSTM', ['x', 'w', 'r'], ['y'], { attributes: { hidden_size: 8 } })],
      weights: [weight('w', [1, 32, 5]), weight('r', [1, 32, 8])],
      inputs: [value('x', [7, 2, 5])],
      outputs: [value('y', null)],
    });
    expect(macsOf(built)).toBe(7 * 2 * (32 * 5 + 32 * 8));
  });

  test('Einsum: every index once', () => {
    const built = model({
      nodes: [node('Einsum', ['a', 'b'], ['c'], { attributes: { equation: 'bhid,bhjd->bhij' } })],
      inputs: [value('a', [2, 3, 4, 8]), value('b', [2, 3, 5, 8])],
      outputs: [value('c', null)],
    });
    expect(macsOf(built)).toBe(2 * 3 * 4 * 5 * 8);
  });

  test('only the batch is taken as 1: another symbol leaves them unknown until it is given', () => {
    const built = model({
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      weights: [weight('w', [16, 4])],
      inputs: [value('x', ['batch', 'time', 16])],
      outputs: [value('y', null)],
    });
    expect(macsOf(built)).toBeNull();
    expect(summarize(built).symbols).toEqual(['batch', 'time']);
    expect(macsOf(built, { time: 10 })).toBe(640);
    expect(macsOf(built, { time: 10, batch: 2 })).toBe(1280);
  });

  test('a batch that the file does not name is called after its input', () => {
    const built = model({
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      weights: [weight('w', [16, 4])],
      inputs: [value('x', [null, 16])],
      outputs: [value('y', null)],
    });
    expect(summarize(built).symbols).toEqual(['x[0]']);
    expect(macsOf(built)).toBe(64);
    expect(macsOf(built, { 'x[0]': 3 })).toBe(192);
  });

  test('an operator of a foreign domain makes the total unknown, and only its own figure', () => {
    const built = model({
      nodes: [node('Mystery', ['x'], ['h'], { domain: 'example' }), node('MatMul', ['x', 'w'], ['y'])],
      weights: [weight('w', [16, 4])],
      inputs: [value('x', [1, 16])],
      outputs: [value('y', null), value('h', null)],
    });
    const summary = summarize(built);
    expect(summary.macs).toBeNull();
    expect(summary.layers.map((layer) => layer.macs)).toEqual([null, 64]);
  });

  test('of an If, the dearer branch counts', () => {
    const branch = (columns: number, name: string) =>
      graph({
        nodes: [node('MatMul', ['x', name], [`${name}:y`])],
        weights: [weight(name, [16, columns])],
        outputs: [value(`${name}:y`, null)],
      });
    const built = model({
      nodes: [
        node('If', ['c'], ['y'], { attributes: { then_branch: branch(4, 'small'), else_branch: branch(8, 'large') } }),
      ],
      inputs: [value('c', [], 'bool'), value('x', [1, 16])],
      outputs: [value('y', null)],
    });
    const summary = summarize(built);
    expect(summary.macs).toBe(128);
    expect(summary.layers.map((layer) => [layer.operator, layer.macs])).toEqual([
      ['If', 0],
      ['MatMul', 64],
      ['MatMul', 128],
    ]);
    expect(summary.parameters).toBe(16 * 12);
  });

  test('figures beyond 2^53 are unknown, not rounded', () => {
    const built = model({
      nodes: [node('MatMul', ['x', 'y'], ['z'])],
      inputs: [value('x', [2 ** 30, 2 ** 30]), value('y', [2 ** 30, 2 ** 30])],
      outputs: [value('z', null)],
    });
    expect(macsOf(built)).toBeNull();
  });
});

describe('activation memory', () => {
  test('counts what is alive at once: a skip connection stays', () => {
    const built = model({
      nodes: [node('Relu', ['x'], ['a']), node('Relu', ['a'], ['b']), node('Add', ['b', 'x'], ['y'])],
      inputs: [value('x', [1, 100])],
      outputs: [value('y', null)],
    });
    expect(summarize(built).peakActivationBytes).toBe(3 * 400);
  });

  test('views take no memory of their own, weights and shapes are not counted', () => {
    const built = model({
      nodes: [
        node('Shape', ['x'], ['s']),
        node('Reshape', ['x', 't'], ['r']),
        node('Flatten', ['r'], ['f']),
        node('MatMul', ['f', 'w'], ['y']),
      ],
      weights: [integers('t', [1, 5, 20]), weight('w', [100, 10])],
      inputs: [value('x', [1, 100])],
      outputs: [value('y', null)],
    });
    expect(summarize(built).peakActivationBytes).toBe(400 + 40);
  });

  test('quantized activations count as their integers', () => {
    const built = model({
      nodes: [
        node('Conv', ['x', 'w'], ['a']),
        node('QuantizeLinear', ['a', 's', 'z'], ['q']),
        node('DequantizeLinear', ['q', 's', 'z'], ['d']),
        node('Relu', ['d'], ['y']),
      ],
      weights: [weight('w', [4, 1, 1, 1]), floats('s', [0.1], []), weight('z', [], 'uint8')],
      inputs: [value('x', [1, 1, 5, 5])],
      outputs: [value('y', null)],
    });
    expect(summarize(built).peakActivationBytes).toBe(100 + 400);
  });
});
