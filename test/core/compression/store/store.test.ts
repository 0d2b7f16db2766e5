import { describe, expect, test } from 'vitest';
import { layersOf } from '../../../../src/core/analysis/layers';
import { decode } from '../../../../src/core/compression/encodings';
import type { EncodedTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../../src/core/kernels';
import type { Encoding } from '../../../../src/core/model/encoding';
import type { Graph, Model, Weight } from '../../../../src/core/model/model';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { weights } from '../../kernels/hostile';
import {
  collect,
  float,
  floats,
  graph,
  initializer,
  int,
  ints,
  model,
  node,
  smallNetwork,
  value,
  type GraphParts,
} from '../models';
import { answers, optimized, scratchFolder } from '../running';
import { halveWeights, quantizeWeights } from '../weight-steps';

const folder = scratchFolder();
const make = (count: number, seed: number): Float32Array => weights(count, seed);
const tensor = (shape: number[], seed = 77): Tensor => ({
  dtype: 'float32',
  shape,
  data: weights(
    shape.reduce((a, b) => a * b, 1),
    seed,
    1,
  ),
});

async function quantized(from: Model, granularity: 'channel' | 'tensor' = 'channel'): Promise<Model> {
  return onnxEncodings.store(from, await quantizeWeights(from, await openWeights(from), { granularity }));
}

async function halved(from: Model): Promise<Model> {
  return onnxEncodings.store(from, await halveWeights(from, await openWeights(from)));
}

/** The same model with the values that its encoded weights stand for, as plain float32. */
async function reference(from: Model, tensors: ReadonlyMap<string, EncodedTensor>): Promise<Model> {
  const kernels = await loadKernels();
  const all = new Map(from.graph.weights);
  for (const [name, encoded] of tensors) {
    const bytes = await collect(decode(kernels, encoded));
    all.set(name, initializer(name, [...encoded.shape], floats(bytes)));
  }
  return { ...from, graph: { ...from.graph, weights: all } };
}

function largest(a: Tensor | undefined, b: Tensor | undefined): { difference: number; value: number } {
  const [left, right] = [Array.from(a?.data ?? [], Number), Array.from(b?.data ?? [], Number)];
  expect(left.length).toBe(right.length);
  expect(left.length).toBeGreaterThan(0);
  return {
    difference: Math.max(...left.map((v, i) => Math.abs(v - (right[i] ?? NaN)))),
    value: Math.max(...right.map(Math.abs)),
  };
}

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

describe('which form is chosen', () => {
  const vector = initializer('v', [48], make(48, 4));
  const row = initializer('row', [1, 48], make(48, 4));
  const network = (nodes: GraphParts['nodes'], rank: number): GraphParts => {
    const dimensions = rank === 2 ? ['n', 48] : ['n', 's', 48];
    return {
      nodes,
      weights: [initializer('w', [48, 48], make(2304, 3)), vector, row],
      inputs: [value('x', dimensions)],
      outputs: [value('y', dimensions)],
    };
  };
  const product = node('MatMul', ['x', 'w'], ['p']);
  const end = node('Neg', ['r'], ['y']);
  const relu = (from: string) => node('Relu', [from], ['r']);
  const gemm = (inputs: string[], attributes = {}) => node('Gemm', inputs, ['y'], attributes);

  // Whether it is DequantizeLinear, and so one integer kernel; the number of dimensions of x.
  const cases: [string, boolean, number, GraphParts['nodes']][] = [
    ['one product', true, 2, [node('MatMul', ['x', 'w'], ['y'])]],
    ['a Gemm', true, 2, [gemm(['x', 'w'])]],
    ['a Gemm with a bias', true, 2, [gemm(['x', 'w', 'v'])]],
    ['a Gemm with a bias of two dimensions', false, 2, [gemm(['x', 'w', 'row'])]],
    ['a scaled Gemm', false, 2, [gemm(['x', 'w'], { alpha: float(2) })]],
    ['a transposed Gemm', false, 2, [gemm(['x', 'w'], { transB: int(1) })]],
    ['a weight on the left', false, 2, [node('Transpose', ['x'], ['t']), node('MatMul', ['w', 't'], ['y'])]],
    ['two products', false, 2, [node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'w'], ['y'])]],
    ['a weight transposed', false, 2, [node('Transpose', ['w'], ['t']), node('MatMul', ['x', 't'], ['y'])]],
    ['a sigmoid behind', true, 2, [product, node('Sigmoid', ['p'], ['r']), end]],
    ['a Relu behind', false, 2, [product, relu('p'), end]],
    ['a Clip behind', false, 2, [product, node('Clip', ['p'], ['r']), end]],
    ['a Relu as the last node', true, 2, [product, node('Relu', ['p'], ['y'])]],
    ['a Relu that is read twice', true, 2, [product, relu('p'), node('Mul', ['r', 'r'], ['y'])]],
    ['a Relu behind an Identity', false, 2, [product, node('Identity', ['p'], ['q']), relu('q'), end]],
    [
      'a Relu before an Identity',
      false,
      2,
      [product, relu('p'), node('Identity', ['r'], ['i']), node('Neg', ['i'], ['y'])],
    ],
    ['a product that a Relu and another read', true, 2, [product, relu('p'), node('Add', ['r', 'p'], ['y'])]],
    ['a bias behind', true, 2, [product, node('Add', ['v', 'p'], ['y'])]],
    ['a bias and a sigmoid', true, 2, [product, node('Add', ['p', 'v'], ['q']), node('Sigmoid', ['q'], ['y'])]],
    ['a bias and a Relu', false, 2, [product, node('Add', ['p', 'v'], ['q']), relu('q'), end]],
    ['a bias of two dimensions', false, 2, [product, node('Add', ['p', 'row'], ['y'])]],
    ['a residual', false, 2, [product, node('Add', ['p', 'x'], ['y'])]],
    ['a residual of three dimensions', true, 3, [product, node('Add', ['p', 'x'], ['y'])]],
    ['a bias and a Relu of three dimensions', true, 3, [product, node('Add', ['p', 'v'], ['q']), relu('q'), end]],
    ['a Relu of three dimensions', false, 3, [product, relu('p'), end]],
  ];

  test.each(cases)('%s: DequantizeLinear %s', async (_, dequantized, rank, nodes) => {
    const stored = await quantized(model(network(nodes, rank)));
    expect(stored.graph.nodes.some(({ opType }) => opType === 'DequantizeLinear')).toBe(dequantized);
    const { operators } = await optimized(stored, folder);
    expect(operators).not.toContain('DequantizeLinear');
    expect(operators).not.toContain('Cast');
    expect(operators.filter((name) => name === 'MatMulNBits').length).toBe(dequantized ? 1 : 0);
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

describe('encodings that ONNX files do not hold', () => {
  const from = model(smallNetwork(make));
  const affine = { kind: 'affine', signed: true, axis: 0 } as const;

  test('are refused with the nearest that they do', () => {
    expect(onnxEncodings.refusal({ ...affine, bits: 8, block: null }, from)).toBeNull();
    expect(onnxEncodings.refusal({ ...affine, bits: 4, block: 32 }, from)).toBeNull();
    expect(onnxEncodings.refusal({ ...affine, bits: 12, block: null }, from)).toMatch(/nearest have 8/);
    expect(onnxEncodings.refusal({ kind: 'dense', dtype: 'float8e4m3fn' }, from)).toMatch(/nearest is float16/);
    expect(onnxEncodings.refusal({ kind: 'dense', dtype: 'int8' }, from)).toMatch(/without a scale/);
  });

  test('without an operator of their own are refused as native, and offered unpacking', () => {
    const refusal = (encoding: Encoding) => onnxEncodings.refusal(encoding, from, 'native');
    expect(refusal({ kind: 'palette', bits: 4, axis: null, groups: 1 })).toMatch(/4-bit palette.*Store it unpacking/);
    expect(refusal({ ...affine, bits: 3, block: null })).toMatch(/int3 per channel.*have 4 bits/);
    expect(refusal({ ...affine, bits: 4, block: null })).toBeNull();
    expect(refusal({ ...affine, bits: 8, block: null })).toBeNull();
  });

  test('in a model whose operators cannot be raised are refused with the operator', () => {
    const old = model({ ...smallNetwork(make), nodes: [node('ATen', ['x'], ['y'])] }, 9);
    expect(onnxEncodings.refusal({ ...affine, bits: 4, block: null }, old)).toMatch(/self-unpacking weights need/);
  });
});
