import { describe } from 'vitest';
import type { Attribute } from '../../../src/core/model/model';
import { float, initializer, int, model, node, smallNetwork, value } from './models';
import { compresses, GROWS, NOTHING_TO_DO, TOO_SMALL } from './outcome';
import { chain, floats, make, pictures, w } from './unusual-cases';

const text = (value: string): Attribute => ({ kind: 'string', value });

describe('forms of layers', () => {
  compresses('Conv without a bias', () =>
    pictures([2, 8, 6, 6], ['n', 32, 4, 4], [node('Conv', ['x', 'w'], ['y'])], [w('w', [32, 8, 3, 3])]),
  );
  compresses('Conv with a bias left out by name', () =>
    pictures([2, 8, 6, 6], ['n', 32, 4, 4], [node('Conv', ['x', 'w', ''], ['y'])], [w('w', [32, 8, 3, 3])]),
  );
  compresses(
    'Conv with a computed bias',
    () =>
      pictures(
        [2, 8, 6, 6],
        ['n', 32, 4, 4],
        [node('Mul', ['b', 'b'], ['bb']), node('Conv', ['x', 'w', 'bb'], ['y'])],
        [w('w', [32, 8, 3, 3]), w('b', [32], 2)],
      ),
    { int8: NOTHING_TO_DO },
  );
  compresses('Conv in groups', () =>
    pictures(
      [2, 8, 6, 6],
      ['n', 64, 4, 4],
      [node('Conv', ['x', 'w', 'b'], ['y'], { group: int(4) })],
      [w('w', [64, 2, 3, 3]), w('b', [64], 2)],
    ),
  );
  compresses('Conv by channel', () =>
    pictures(
      [2, 128, 6, 6],
      ['n', 128, 4, 4],
      [node('Conv', ['x', 'w', 'b'], ['y'], { group: int(128) })],
      [w('w', [128, 1, 3, 3]), w('b', [128], 2)],
    ),
  );
  compresses('Conv in one dimension', () =>
    pictures([2, 8, 20], ['n', 64, 18], [node('Conv', ['x', 'w', 'b'], ['y'])], [w('w', [64, 8, 3]), w('b', [64], 2)]),
  );
  compresses('Conv in three dimensions', () =>
    pictures(
      [2, 4, 5, 5, 5],
      ['n', 32, 3, 3, 3],
      [node('Conv', ['x', 'w', 'b'], ['y'])],
      [w('w', [32, 4, 3, 3, 3]), w('b', [32], 2)],
    ),
  );
  compresses(
    'ConvTranspose',
    () =>
      pictures(
        [2, 8, 6, 6],
        ['n', 32, 8, 8],
        [node('ConvTranspose', ['x', 'w', 'b'], ['y'])],
        [w('w', [8, 32, 3, 3]), w('b', [32], 2)],
      ),
    { int8: /ConvTranspose has no integer kernel/ },
  );
  compresses(
    'ConvTranspose in groups',
    () =>
      pictures(
        [2, 8, 6, 6],
        ['n', 64, 8, 8],
        [node('ConvTranspose', ['x', 'w', 'b'], ['y'], { group: int(4) })],
        [w('w', [8, 16, 3, 3]), w('b', [64], 2)],
      ),
    { int8: /ConvTranspose has no integer kernel/ },
  );
  compresses('Gemm with alpha and beta, not transposed', () =>
    chain(
      [node('Gemm', ['x', 'w', 'b'], ['y'], { alpha: float(0.5), beta: float(2), transB: int(0) })],
      [w('w', [64, 64]), w('b', [64], 2)],
    ),
  );
  compresses(
    'Gemm that takes nothing of its bias',
    () => chain([node('Gemm', ['x', 'w', 'b'], ['y'], { beta: float(0) })], [w('w', [64, 64]), w('b', [1], 2)]),
    { int8: NOTHING_TO_DO },
  );
  compresses(
    'Gemm with a bias of one row',
    () => chain([node('Gemm', ['x', 'w', 'b'], ['y'])], [w('w', [64, 64]), w('b', [1, 64], 2)]),
    { int8: NOTHING_TO_DO },
  );
  compresses(
    'Gemm with a bias for each sample',
    () => chain([node('Gemm', ['x', 'w', 'b'], ['y'])], [w('w', [64, 64]), w('b', [4, 1], 2)]),
    { int8: NOTHING_TO_DO },
  );
  compresses('Gemm of a transposed input', () => ({
    ...chain([node('Gemm', ['x', 'w'], ['y'], { transA: int(1) })], [w('w', [4, 640])], {
      outputs: [value('y', [64, 640])],
    }),
    arrays: { x: floats([4, 64]) },
  }));
  compresses(
    'MatMul with a vector',
    () => chain([node('MatMul', ['x', 'w'], ['y'])], [w('w', [64])], { outputs: [value('y', ['n'])] }),
    { 'int8-weights': TOO_SMALL, float16: GROWS, int8: NOTHING_TO_DO },
  );
  compresses('MatMul of a vector', () => ({
    model: model({
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      weights: [w('w', [64, 64])],
      inputs: [value('x', [64])],
      outputs: [value('y', [64])],
    }),
    arrays: { x: floats([64]) },
  }));
  compresses(
    'MatMul with a stack of matrices',
    () => ({
      model: model({
        nodes: [node('MatMul', ['x', 'w'], ['y'])],
        weights: [w('w', [4, 64, 32])],
        inputs: [value('x', ['n', 4, 3, 64])],
        outputs: [value('y', ['n', 4, 3, 32])],
      }),
      arrays: { x: floats([2, 4, 3, 64]) },
    }),
    { int8: NOTHING_TO_DO },
  );
  compresses(
    'MatMul with the weight on the left',
    () => ({
      model: model({
        nodes: [node('MatMul', ['w', 'x'], ['y'])],
        weights: [w('w', [48, 64])],
        inputs: [value('x', ['n', 64, 5])],
        outputs: [value('y', ['n', 48, 5])],
      }),
      arrays: { x: floats([2, 64, 5]) },
    }),
    { int8: NOTHING_TO_DO },
  );
  compresses(
    'LSTM',
    () => ({
      model: model({
        nodes: [node('LSTM', ['x', 'w', 'r', 'b'], ['y'], { hidden_size: int(32) })],
        weights: [w('w', [1, 128, 16]), w('r', [1, 128, 32], 2), w('b', [1, 256], 3)],
        inputs: [value('x', ['s', 'n', 16])],
        outputs: [value('y', ['s', 1, 'n', 32])],
      }),
      arrays: { x: floats([4, 2, 16]) },
    }),
    { int8: /LSTM has no integer kernel/ },
  );
  compresses(
    'operators of ONNX Runtime itself',
    () => ({
      model: {
        ...model({
          nodes: [
            {
              ...node('FusedMatMul', ['x', 'w'], ['h'], { transB: int(1), alpha: float(0.5) }),
              domain: 'com.microsoft',
            },
            { ...node('Gelu', ['h'], ['g']), domain: 'com.microsoft' },
            { ...node('FusedGemm', ['g', 'v'], ['y'], { activation: text('Relu') }), domain: 'com.microsoft' },
          ],
          weights: [w('w', [64, 64]), w('v', [64, 64], 2)],
          inputs: [value('x', ['n', 64])],
          outputs: [value('y', ['n', 64])],
        }),
        opsets: new Map([
          ['', 17],
          ['com.microsoft', 1],
        ]),
      },
      arrays: { x: floats([4, 64]) },
    }),
    { int8: NOTHING_TO_DO },
  );
});

describe('operator sets', () => {
  for (let opset = 7; opset <= 23; opset++) {
    compresses(`${opset}`, () => {
      const parts = smallNetwork(make);
      // Before IR 4 initializers are listed among the inputs, and operator set 8 came with IR 3.
      const listed = opset > 8 ? [] : parts.weights.map(({ name, shape }) => value(name, [...shape]));
      const irVersion = opset > 8 ? (opset > 20 ? 10 : 8) : 3;
      return {
        model: model({ ...parts, inputs: [...parts.inputs, ...listed] }, opset, irVersion),
        arrays: { x: floats([4, 8, 6, 6]) },
      };
    });
  }
});

describe('models that are quantized already', () => {
  const already = /"original\.onnx" is quantized already/;
  const refusals = { 'int8-weights': already, float16: already, int8: already };

  compresses(
    'DequantizeLinear before a product',
    () =>
      chain(
        [node('DequantizeLinear', ['codes', 'scale'], ['w']), node('MatMul', ['x', 'w'], ['y'])],
        [
          initializer('codes', [64, 64], new Int8Array(4096).fill(3), 'int8'),
          initializer('scale', [], Float32Array.of(0.1)),
        ],
      ),
    refusals,
  );

  compresses(
    'MatMulInteger',
    () =>
      chain(
        [
          node('DynamicQuantizeLinear', ['x'], ['q', 's', 'z']),
          node('MatMulInteger', ['q', 'codes', 'z'], ['i']),
          node('Cast', ['i'], ['f'], { to: int(1) }),
          node('Mul', ['s', 'scale'], ['ss']),
          node('Mul', ['f', 'ss'], ['y']),
        ],
        [
          initializer('codes', [64, 64], new Int8Array(4096).fill(3), 'int8'),
          initializer('scale', [], Float32Array.of(0.1)),
        ],
      ),
    refusals,
  );
});
