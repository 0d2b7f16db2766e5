import { describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { onnxEncodings } from '../../../src/core/formats/onnx/store';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { initializer, int, ints, model, node, value } from './models';
import { compresses, NO_WEIGHTS } from './outcome';
import { chain, floats, make, w } from './unusual-cases';
import { quantizeWeights } from './weight-steps';

const ALL_WITHOUT = { 'int8-weights': NO_WEIGHTS, float16: NO_WEIGHTS, int8: NO_WEIGHTS };

describe('shapes and values', () => {
  compresses('no weights', () => chain([node('Relu', ['x'], ['y'])], []), ALL_WITHOUT);
  compresses(
    'no nodes: the input is the output',
    () => chain([], [], { outputs: [value('x', ['n', 64])] }),
    ALL_WITHOUT,
  );
  compresses(
    'no nodes: a weight is the output',
    () => chain([], [w('w', [64, 64])], { outputs: [value('w', [64, 64])] }),
    ALL_WITHOUT,
  );
  compresses(
    'no inputs: all is computed from weights',
    () => ({
      model: model({
        nodes: [node('Mul', ['a', 'b'], ['y'])],
        weights: [w('a', [64, 64]), w('b', [64, 64], 2)],
        inputs: [],
        outputs: [value('y', [64, 64])],
      }),
      arrays: {},
    }),
    ALL_WITHOUT,
  );
  compresses('a weight of no elements', () =>
    chain(
      [
        node('MatMul', ['x', 'none'], ['e']),
        node('MatMul', ['x', 'w'], ['m']),
        node('Concat', ['e', 'm'], ['y'], { axis: int(1) }),
      ],
      [initializer('none', [64, 0], new Float32Array()), w('w', [64, 64])],
    ),
  );
  compresses(
    'a batch of no samples',
    () => ({
      ...chain([node('MatMul', ['x', 'w'], ['y'])], [w('w', [64, 64])]),
      arrays: { x: { shape: [0, 64], values: new Float32Array() } },
    }),
    { int8: /"samples\.npz" holds no samples/ },
  );
  compresses('one value as the output', () =>
    chain(
      [node('MatMul', ['x', 'w'], ['m']), node('ReduceMean', ['m'], ['y'], { keepdims: int(0) })],
      [w('w', [64, 64])],
      { outputs: [value('y', [])] },
    ),
  );
  compresses('several inputs of several types', () => ({
    model: model({
      nodes: [
        node('Concat', ['a', 'b'], ['c'], { axis: int(1) }),
        node('Gemm', ['c', 'w', 'bias'], ['g']),
        node('Cast', ['ids'], ['f'], { to: int(1) }),
        node('Add', ['g', 'f'], ['y']),
      ],
      weights: [w('w', [96, 64]), w('bias', [64], 2)],
      inputs: [value('a', ['n', 64]), value('b', ['n', 32]), value('ids', ['n', 64], 'int64')],
      outputs: [value('y', ['n', 64])],
    }),
    arrays: {
      a: floats([4, 64]),
      b: floats([4, 32], 3),
      ids: { shape: [4, 64], values: new BigInt64Array(256).fill(1n) },
    },
  }));
  compresses(
    'one value as an input',
    () => ({
      model: model({
        nodes: [node('MatMul', ['x', 'w'], ['m']), node('Mul', ['m', 's'], ['y'])],
        weights: [w('w', [64, 64])],
        inputs: [value('x', ['n', 64]), value('s', [])],
        outputs: [value('y', ['n', 64])],
      }),
      arrays: { x: floats([4, 64]), s: { shape: [], values: Float32Array.of(2) } },
    }),
    { int8: /The input s of "original\.onnx" is one value/ },
  );
  compresses('every dimension free', () => ({
    model: model({
      nodes: [
        node('Conv', ['x', 'w', 'b'], ['c'], { pads: ints(1, 1, 1, 1) }),
        node('GlobalAveragePool', ['c'], ['p']),
        node('Flatten', ['p'], ['f']),
        node('Gemm', ['f', 'v'], ['y'], { transB: int(1) }),
      ],
      weights: [w('w', [32, 8, 3, 3]), w('b', [32], 2), w('v', [40, 32], 3)],
      inputs: [value('x', ['n', 'c', 'h', 'w'])],
      outputs: [value('y', ['a', 'b'])],
    }),
    arrays: { x: floats([4, 8, 5, 7]) },
  }));
  compresses('no shapes at all', () => ({
    model: model({
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      weights: [w('w', [64, 64])],
      inputs: [{ name: 'x', type: { dtype: 'float32', shape: null } }],
      outputs: [{ name: 'y', type: { dtype: 'float32', shape: null } }],
    }),
    arrays: { x: floats([4, 64]) },
  }));
  compresses('a sequence as an output', () =>
    chain(
      [node('MatMul', ['x', 'w'], ['y']), node('SplitToSequence', ['y'], ['s'], { axis: int(1) })],
      [w('w', [64, 64])],
      { outputs: [value('y', ['n', 64]), { name: 's', type: { dtype: null, shape: null } }] },
    ),
  );
  compresses(
    'float64',
    () => ({
      model: model({
        nodes: [node('MatMul', ['x', 'w'], ['y'])],
        weights: [initializer('w', [64, 64], Float64Array.from(make(4096, 1)), 'float64')],
        inputs: [value('x', ['n', 64], 'float64')],
        outputs: [value('y', ['n', 64], 'float64')],
      }),
      arrays: { x: { shape: [4, 64], values: Float64Array.from(make(256, 4)) } },
    }),
    { int8: /weights are float64, not float32/ },
  );
  compresses(
    'float16',
    () => ({
      model: model({
        nodes: [
          node('Cast', ['x'], ['h'], { to: int(10) }),
          node('MatMul', ['h', 'w'], ['m']),
          node('Cast', ['m'], ['y'], { to: int(1) }),
        ],
        weights: [initializer('w', [64, 64], new Uint16Array(4096).fill(0x2e66), 'float16')],
        inputs: [value('x', ['n', 64])],
        outputs: [value('y', ['n', 64])],
      }),
      arrays: { x: floats([4, 64]) },
    }),
    { float16: /"original\.onnx" is stored in float16 already/ },
  );
  compresses('float16 beside float32', () => ({
    model: model({
      nodes: [
        node('Cast', ['x'], ['h'], { to: int(10) }),
        node('MatMul', ['h', 'w'], ['m']),
        node('Cast', ['m'], ['f'], { to: int(1) }),
        node('MatMul', ['f', 'v'], ['y']),
      ],
      weights: [initializer('w', [64, 64], new Uint16Array(4096).fill(0x2e66), 'float16'), w('v', [64, 64])],
      inputs: [value('x', ['n', 64])],
      outputs: [value('y', ['n', 64])],
    }),
    arrays: { x: floats([4, 64]) },
  }));
  compresses(
    'nothing but int64',
    () => ({
      model: model({
        nodes: [node('Gather', ['t', 'x'], ['y'], { axis: int(0) })],
        weights: [initializer('t', [100, 32], new BigInt64Array(3200), 'int64')],
        inputs: [value('x', ['n', 3], 'int64')],
        outputs: [value('y', ['n', 3, 32], 'int64')],
      }),
      arrays: { x: { shape: [2, 3], values: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n) } },
    }),
    ALL_WITHOUT,
  );
  compresses('weights that are all zero', () =>
    chain([node('MatMul', ['x', 'w'], ['y'])], [initializer('w', [64, 64], new Float32Array(4096))]),
  );
  compresses('weights too small for a scale', () =>
    chain(
      [node('MatMul', ['x', 'w'], ['y'])],
      [
        initializer(
          'w',
          [64, 64],
          make(4096, 1).map((v) => v * 1e-41),
        ),
      ],
    ),
  );

  it('NaN and infinities among the weights: told, since codes cannot hold them', async () => {
    const values = make(4096, 1);
    values.set([NaN, -Infinity, NaN], 77);
    const { model: broken } = chain([node('MatMul', ['x', 'w'], ['y'])], [initializer('w', [64, 64], values)]);
    const warnings: string[] = [];
    const options = { granularity: 'channel', warn: (line: string) => warnings.push(line) } as const;
    const tensors = await quantizeWeights(broken, await openWeights(broken), options);
    await encodeOnnx(onnxEncodings.store(broken, tensors));
    expect(warnings).toEqual([
      '3 values of "w" cannot be an int8 code: NaN became 0, infinities the largest value. Check the training of that layer.',
    ]);
  });
});
