import { describe, expect, test } from 'vitest';
import { layersOf } from '../../../../src/core/analysis/layers';
import type { EncodedTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import type { Graph, Model, Weight } from '../../../../src/core/model/model';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { graph, initializer, int, ints, model, node, value, type GraphParts } from '../models';
import { answers, optimized, scratchFolder } from '../running';
import { quantizeWeights } from '../weight-steps';
import { largest, make, quantized, tensor } from './plain-weights';

const folder = scratchFolder();

describe('weights in unusual places', () => {
  const x = tensor([2, 64]);
  const product = (parts: Partial<GraphParts> = {}): GraphParts => ({
    nodes: [node('MatMul', ['x', 'w'], ['y'])],
    weights: [initializer('w', [64, 64], make(4096, 6))],
    inputs: [value('x', ['n', 64])],
    outputs: [value('y', ['n', 64])],
    ...parts,
  });
  const close = async (from: Model, output = 'y'): Promise<Model> => {
    const stored = await quantized(from);
    expect(stored).not.toBe(from);
    const [got, expected] = [await answers(stored, { x }), await answers(from, { x })];
    const { difference, value: size } = largest(got[output], expected[output]);
    expect(difference).toBeLessThanOrEqual(0.03 * size);
    return stored;
  };

  test('new names give way to names that are taken', async () => {
    const stored = await close(
      model(
        product({
          nodes: [node('MatMul', ['x', 'w'], ['_0']), node('Add', ['_0', '_1'], ['y'])],
          weights: [initializer('w', [64, 64], make(4096, 6)), initializer('_1', [64], make(64, 2))],
        }),
      ),
    );
    expect([...stored.graph.weights.keys()]).toHaveLength(3);
    expect(stored.graph.weights.get('_1')?.shape).toEqual([64]);
  });

  test('a weight that several nodes use is stored once', async () => {
    const stored = await close(
      model(product({ nodes: [node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'w'], ['y'])] })),
    );
    expect([...stored.graph.weights.values()].map(({ dtype }) => dtype)).toEqual(['int8', 'float32']);
  });

  test('a weight that is an output stays one', async () => {
    const from = model(product({ outputs: [value('y', ['n', 64]), value('w', [64, 64])] }));
    await close(from);
    await close(from, 'w');
  });

  test.each([3, 4, 8])('a weight listed among the inputs, IR version %d', async (irVersion) => {
    const from = model(product({ inputs: [value('x', ['n', 64]), value('w', [64, 64])] }), 9, irVersion);
    const stored = await close(from);
    const names = stored.graph.inputs.map((input) => input.name);
    expect(names).toEqual(irVersion < 4 ? ['x', ...stored.graph.weights.keys()] : ['x']);
  });

  test('the value of a Constant node', async () => {
    const weight = initializer('', [64, 64], make(4096, 6));
    const constant = node('Constant', [], ['w'], { value: { kind: 'tensor', value: weight } });
    const stored = await close(model(product({ nodes: [constant, node('MatMul', ['x', 'w'], ['y'])], weights: [] })));
    expect(stored.graph.nodes.map(({ opType }) => opType)).toEqual(['DequantizeLinear', 'MatMul']);
  });

  test('a weight that only a subgraph reads', async () => {
    const branch = (factor: string): Graph =>
      graph({
        nodes: [node('MatMul', ['x', factor], ['z'])],
        weights: [],
        inputs: [],
        outputs: [value('z', ['n', 64])],
      });
    const parts = product({
      nodes: [
        node('If', ['flag'], ['y'], {
          then_branch: { kind: 'graph', value: branch('w') },
          else_branch: { kind: 'graph', value: branch('w') },
        }),
      ],
      weights: [
        initializer('w', [64, 64], make(4096, 6)),
        { name: 'flag', dtype: 'bool', shape: [], data: { kind: 'bytes', bytes: Uint8Array.of(1) } },
      ],
    });
    await close(model(parts));
  });

  test('a weight that a subgraph holds is left as it is by the passes, and refused by name', async () => {
    const inner = (): Graph =>
      graph({
        nodes: [node('MatMul', ['x', 'inner'], ['z'])],
        weights: [initializer('inner', [64, 64], make(4096, 6))],
        inputs: [],
        outputs: [value('z', ['n', 64])],
      });
    const flag: Weight = { name: 'flag', dtype: 'bool', shape: [], data: { kind: 'bytes', bytes: Uint8Array.of(1) } };
    const from = model(
      product({
        nodes: [
          node('If', ['flag'], ['y'], {
            then_branch: { kind: 'graph', value: inner() },
            else_branch: { kind: 'graph', value: inner() },
          }),
        ],
        weights: [flag],
      }),
    );
    const tensors = await quantizeWeights(from, await openWeights(from), { granularity: 'channel' });
    expect(tensors.size).toBe(0);
    expect(onnxEncodings.store(from, tensors)).toBe(from);
    const plain = await quantizeWeights(model(product()), await openWeights(model(product())), {
      granularity: 'channel',
    });
    const named = new Map([...plain].map(([, encoded]) => ['inner', encoded]));
    expect(() => onnxEncodings.store(from, named)).toThrow(/"inner" is no weight of the model's main graph/);
  });

  test('a model that computes in float16 keeps computing in it', async () => {
    const halves = Uint16Array.from({ length: 4096 }, (_, i) => 0x2c00 + ((i * 37) % 2048) + (i % 2 ? 0x8000 : 0));
    const from = model({
      nodes: [
        node('Cast', ['x'], ['h'], { to: int(10) }),
        node('MatMul', ['h', 'w'], ['z']),
        node('Cast', ['z'], ['y'], { to: int(1) }),
      ],
      weights: [initializer('w', [64, 64], halves, 'float16')],
      inputs: [value('x', ['n', 64])],
      outputs: [value('y', ['n', 64])],
    });
    const stored = await close(from);
    expect([...stored.graph.weights.values()].map(({ dtype }) => dtype)).toContain('int8');
    expect(layersOf(stored).find(({ node: { opType } }) => opType === 'MatMul')?.weights[0]?.dtype).toBe('float16');
  });

  test('asymmetric codes are stored with their zero points', async () => {
    const from = model({
      nodes: [node('Conv', ['x', 'w'], ['y'], { kernel_shape: ints(1, 1) })],
      weights: [initializer('w', [2, 2, 1, 1], Float32Array.of(0, 1, 2, 3))],
      inputs: [value('x', ['n', 2, 1, 1])],
      outputs: [value('y', ['n', 2, 1, 1])],
    });
    const codes = Uint8Array.of(10, 12, 20, 21);
    const encoded: EncodedTensor = {
      kind: 'affine',
      shape: [2, 2, 1, 1],
      bits: 8,
      signed: false,
      axis: 0,
      block: null,
      symmetric: false,
      scales: () => Promise.resolve({ scale: Float32Array.of(0.5, 2), zeroPoint: Int32Array.of(10, 19) }),
      codes: {
        byteLength: 4,
        async *chunks() {
          yield await Promise.resolve(codes);
        },
      },
    };
    const ones: Tensor = { dtype: 'float32', shape: [1, 2, 1, 1], data: Float32Array.of(1, 1) };
    const stored = onnxEncodings.store(from, new Map([['w', encoded]]));
    expect([...((await answers(stored, { x: ones }))['y']?.data ?? [])]).toEqual([1, 6]);
    expect((await optimized(stored, folder)).operators).not.toContain('Sub');
  });
});
