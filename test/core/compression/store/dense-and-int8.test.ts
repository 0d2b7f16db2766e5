import { describe, expect, test } from 'vitest';
import { layersOf } from '../../../../src/core/analysis/layers';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import { initializer, model, node, smallNetwork, value, type GraphParts } from '../models';
import { answers, optimized, scratchFolder } from '../running';
import { halveWeights, quantizeWeights } from '../weight-steps';
import { halved, largest, make, quantized, reference, tensor } from './plain-weights';

const folder = scratchFolder();

describe('int8 weights in an ONNX file', () => {
  test('are plain float weights after ONNX Runtime has loaded a convolution or a transposed product', async () => {
    const { operators, weights: held } = await optimized(await quantized(model(smallNetwork(make))), folder);
    expect(operators.filter((name) => name === 'DequantizeLinear' || name === 'Cast' || name === 'Mul')).toEqual([]);
    expect(operators).toContain('Gemm');
    expect(Object.values(held).filter((dtype) => dtype === 'int8')).toEqual([]);
  });

  test('become one integer kernel where a product of matrices has them on its right', async () => {
    const { operators } = await optimized(await quantized(model(smallNetwork(make))), folder);
    expect(operators.at(-1)).toBe('MatMulNBits');
    const plainGemm: GraphParts = {
      nodes: [node('Gemm', ['x', 'w', 'b'], ['y'])],
      weights: [initializer('w', [64, 48], make(64 * 48, 1)), initializer('b', [48], make(48, 2))],
      inputs: [value('x', ['n', 64])],
      outputs: [value('y', ['n', 48])],
    };
    expect((await optimized(await quantized(model(plainGemm)), folder)).operators).toEqual(['MatMulNBits']);
  });

  test.each(['channel', 'tensor'] as const)('give the answers of the values they stand for: per %s', async (kind) => {
    // The integer kernel also rounds activations; with transB there is none.
    const parts = smallNetwork(make);
    const from = model({ ...parts, nodes: parts.nodes.slice(0, 4), outputs: [value('g', ['n', 32])] });
    const tensors = await quantizeWeights(from, await openWeights(from), { granularity: kind });
    const x = tensor([3, 8, 6, 6]);
    const got = await answers(onnxEncodings.store(from, tensors), { x });
    const expected = await answers(await reference(from, tensors), { x });
    const { difference, value: size } = largest(got['g'], expected['g']);
    expect(difference).toBeLessThanOrEqual(1e-6 * size);
  });

  test('on the integer kernel give those answers but for the rounding of activations to 8 bits', async () => {
    const from = model(smallNetwork(make));
    const tensors = await quantizeWeights(from, await openWeights(from), { granularity: 'channel' });
    const x = tensor([3, 8, 6, 6]);
    const got = await answers(onnxEncodings.store(from, tensors), { x });
    const { difference, value: size } = largest(got['y'], (await answers(await reference(from, tensors), { x }))['y']);
    expect(difference).toBeLessThanOrEqual(0.02 * size);
  });

  test('read back as one weight each, under the names that layers had', async () => {
    const from = model(smallNetwork(make));
    const after = layersOf(await quantized(from));
    const before = layersOf(from);
    expect(after.map((layer) => layer.name)).toEqual(before.map((layer) => layer.name));
    const encodings = after.flatMap((layer) => layer.weights.filter(({ role }) => role === 'weight'));
    expect(encodings.map(({ encoding }) => encoding)).toEqual([
      { kind: 'affine', bits: 8, signed: true, axis: 0, block: null },
      { kind: 'affine', bits: 8, signed: true, axis: 0, block: null },
      { kind: 'affine', bits: 8, signed: true, axis: 1, block: null },
    ]);
    expect(encodings.map(({ outputAxis }) => outputAxis)).toEqual([0, 0, 1]);
  });

  test.each(['W', 'kernel', 't5', 'block.0.W', 'onnx::MatMul_7'])('a weight called %s', async (name) => {
    const from = model({
      nodes: [node('MatMul', ['x', name], ['h']), node('MatMul', ['h', name], ['y'])],
      weights: [initializer(name, [64, 64], make(4096, 1))],
      inputs: [value('x', ['n', 64])],
      outputs: [value('y', ['n', 64])],
    });
    const names = layersOf(from).map((layer) => layer.name);
    expect(layersOf(await quantized(from)).map((layer) => layer.name)).toEqual(names);
    expect(layersOf(await halved(from)).map((layer) => layer.name)).toEqual(names);
  });

  test('work in models older than per-channel DequantizeLinear', async () => {
    const parts = smallNetwork(make);
    const stored = await quantized(model(parts, 11, 6));
    expect(stored.graph.nodes.map(({ opType }) => opType)).not.toContain('DequantizeLinear');
    expect((await answers(stored, { x: tensor([1, 8, 6, 6]) }))['y']?.shape).toEqual([1, 40]);
  });

  test.each([1, 6])('are refused in opset %d, with what to do', (opset) => {
    const reason = onnxEncodings.refusal({ kind: 'dense', dtype: 'float16' }, model(smallNetwork(make), opset));
    expect(reason).toMatch(/too old.*opset 7/);
  });
});

describe('float16 weights in an ONNX file', () => {
  test('are half the size, and plain float weights once loaded', async () => {
    const from = model(smallNetwork(make));
    const stored = await halved(from);
    expect([...stored.graph.weights.values()].filter(({ dtype }) => dtype === 'float16')).toHaveLength(5);
    expect(layersOf(stored).map(({ weights: [weight] }) => weight?.name)).toContain('fc.weight');
    const { operators, weights: held } = await optimized(stored, folder);
    expect(operators).not.toContain('Cast');
    expect([...new Set(Object.values(held))]).toEqual(['float32']);
  });

  test('give the answers of the values they stand for', async () => {
    const from = model(smallNetwork(make));
    const tensors = await halveWeights(from, await openWeights(from));
    const x = tensor([2, 8, 6, 6]);
    const got = await answers(onnxEncodings.store(from, tensors), { x });
    const expected = await answers(await reference(from, tensors), { x });
    const { difference, value: size } = largest(got['y'], expected['y']);
    expect(difference).toBeLessThanOrEqual(1e-6 * size);
  });
});
