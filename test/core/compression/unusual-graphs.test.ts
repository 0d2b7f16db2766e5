import { describe } from 'vitest';
import type { Attribute, Graph, Model } from '../../../src/core/model/model';
import { graph, initializer, int, ints, model, node, value } from './models';
import { compresses, GROWS, NOTHING_TO_DO } from './outcome';
import { chain, floats, pictures, w } from './unusual-cases';

const graphOf = (value: Graph): Attribute => ({ kind: 'graph', value });

describe('graphs', () => {
  compresses('a weight that two layers share', () =>
    chain([node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'w'], ['y'])], [w('w', [64, 64])]),
  );
  compresses('a weight that two layers share, one of them transposed', () =>
    chain([node('MatMul', ['x', 'w'], ['h']), node('Gemm', ['h', 'w'], ['y'], { transB: int(1) })], [w('w', [64, 64])]),
  );
  compresses(
    'an embedding that is the last layer as well',
    () => ({
      model: model({
        nodes: [
          node('Gather', ['t', 'x'], ['e'], { axis: int(0) }),
          node('Transpose', ['t'], ['tt'], { perm: ints(1, 0) }),
          node('MatMul', ['e', 'tt'], ['y']),
        ],
        weights: [w('t', [100, 32])],
        inputs: [value('x', ['n', 3], 'int64')],
        outputs: [value('y', ['n', 3, 100])],
      }),
      arrays: { x: { shape: [2, 3], values: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n) } },
    }),
    { int8: NOTHING_TO_DO },
  );
  compresses(
    'a weight that is multiplied and added',
    () => ({
      ...chain([node('MatMul', ['x', 'w'], ['h']), node('Add', ['h', 'w'], ['y'])], [w('w', [64, 64])]),
      arrays: { x: floats([64, 64]) },
    }),
    { int8: GROWS },
  );
  compresses(
    'a weight that is an output as well',
    () =>
      chain([node('MatMul', ['x', 'w'], ['y'])], [w('w', [64, 64])], {
        outputs: [value('y', ['n', 64]), value('w', [64, 64])],
      }),
    { int8: GROWS },
  );
  compresses('a weight of a convolution that a product reads reshaped', () => ({
    model: model({
      nodes: [
        node('Conv', ['x', 'w'], ['c']),
        node('GlobalAveragePool', ['c'], ['p']),
        node('Flatten', ['p'], ['f']),
        node('Reshape', ['w', 'shape'], ['m']),
        node('MatMul', ['f', 'm'], ['y']),
      ],
      weights: [w('w', [32, 8, 3, 3]), initializer('shape', [2], BigInt64Array.of(32n, 72n), 'int64')],
      inputs: [value('x', ['n', 8, 6, 6])],
      outputs: [value('y', ['n', 72])],
    }),
    arrays: { x: floats([2, 8, 6, 6]) },
  }));
  compresses('weights that are inputs, as before IR 4', () => ({
    model: model(
      {
        nodes: [node('Gemm', ['x', 'w', 'b'], ['y'])],
        weights: [w('w', [64, 64]), w('b', [64], 2)],
        inputs: [value('x', ['n', 64]), value('w', [64, 64]), value('b', [64])],
        outputs: [value('y', ['n', 64])],
      },
      9,
      3,
    ),
    arrays: { x: floats([4, 64]) },
  }));
  compresses('weights that are inputs, as defaults', () =>
    chain([node('Gemm', ['x', 'w', 'b'], ['y'])], [w('w', [64, 64]), w('b', [64], 2)], {
      inputs: [value('x', ['n', 64]), value('w', [64, 64]), value('b', [64])],
    }),
  );
  compresses('weights in Constant nodes', () =>
    chain(
      [
        node('Constant', [], ['w'], { value: { kind: 'tensor', value: w('', [64, 64]) } }),
        node('MatMul', ['x', 'w'], ['y']),
      ],
      [],
    ),
  );
  compresses('weights that nothing reads', () =>
    chain([node('MatMul', ['x', 'w'], ['y'])], [w('w', [64, 64]), w('idle', [64, 64], 2)]),
  );
  compresses('a batch normalization before which an output is taken', () =>
    pictures(
      [2, 8, 6, 6],
      ['n', 32, 4, 4],
      [node('Conv', ['x', 'w'], ['c']), node('BatchNormalization', ['c', 's', 'b', 'm', 'v'], ['y'])],
      [
        w('w', [32, 8, 3, 3]),
        w('s', [32], 2),
        w('b', [32], 3),
        w('m', [32], 4),
        initializer('v', [32], new Float32Array(32).fill(0.5)),
      ],
    ),
  );
  compresses('nodes out of order', () =>
    chain(
      [node('MatMul', ['h', 'v'], ['y']), node('MatMul', ['x', 'w'], ['h'])],
      [w('w', [64, 64]), w('v', [64, 64], 2)],
    ),
  );
  compresses('names that the passes would give', () =>
    chain(
      [
        node('MatMul', ['x', 's0'], ['z0']),
        node('MatMul', ['z0', 's0_codes'], ['s0_scale']),
        node('Identity', ['s0_scale'], ['y']),
      ],
      [w('s0', [64, 64]), w('s0_codes', [64, 64], 2)],
    ),
  );
  compresses('weights inside branches', () => {
    const branch = (name: string, seed: number): Graph =>
      graph({
        nodes: [node('MatMul', ['x', 'w'], [name])],
        weights: [w('w', [64, 64], seed)],
        inputs: [],
        outputs: [value(name, ['n', 64])],
      });
    return chain(
      [
        node('ReduceSum', ['x'], ['s'], { keepdims: int(0) }),
        node('Greater', ['s', 'zero'], ['c']),
        node('If', ['c'], ['h'], { then_branch: graphOf(branch('t', 1)), else_branch: graphOf(branch('e', 2)) }),
        node('MatMul', ['h', 'outer'], ['y']),
      ],
      [w('outer', [64, 64], 3), initializer('zero', [], Float32Array.of(0))],
    );
  });
  compresses('branches that read weights from outside', () => {
    const branch = (name: string): Graph =>
      graph({
        nodes: [node('MatMul', ['x', 'w'], [name])],
        weights: [],
        inputs: [],
        outputs: [value(name, ['n', 64])],
      });
    return chain(
      [
        node('MatMul', ['x', 'w'], ['m']),
        node('ReduceSum', ['m'], ['s'], { keepdims: int(0) }),
        node('Greater', ['s', 'zero'], ['c']),
        node('If', ['c'], ['y'], { then_branch: graphOf(branch('t')), else_branch: graphOf(branch('e')) }),
      ],
      [w('w', [64, 64], 3), initializer('zero', [], Float32Array.of(0))],
    );
  });
  compresses('branches with names that the passes would give', () => {
    const branch = (name: string): Graph =>
      graph({
        nodes: [node('MatMul', ['x', 'v'], [name])],
        weights: [w('v', [64, 64], 8)],
        inputs: [],
        outputs: [value(name, ['n', 64])],
      });
    return chain(
      [
        node('MatMul', ['x', 'w'], ['m']),
        node('ReduceSum', ['m'], ['sum'], { keepdims: int(0) }),
        node('Greater', ['sum', 'zero'], ['cond']),
        node('If', ['cond'], ['y'], { then_branch: graphOf(branch('s0')), else_branch: graphOf(branch('w_codes')) }),
      ],
      [w('w', [64, 64], 3), initializer('zero', [], Float32Array.of(0))],
    );
  });
  compresses('a loop that reads weights from outside', () => {
    const body = graph({
      nodes: [node('Identity', ['c'], ['co']), node('MatMul', ['h', 'w'], ['m']), node('Tanh', ['m'], ['ho'])],
      weights: [],
      inputs: [value('i', [], 'int64'), value('c', [], 'bool'), value('h', ['n', 64])],
      outputs: [value('co', [], 'bool'), value('ho', ['n', 64])],
    });
    return chain(
      [node('MatMul', ['x', 'w'], ['h0']), node('Loop', ['trips', '', 'h0'], ['y'], { body: graphOf(body) })],
      [w('w', [64, 64], 3), initializer('trips', [], BigInt64Array.of(3n), 'int64')],
    );
  });
  compresses('functions', () => {
    const base = chain(
      [{ ...node('Dense', ['x', 'w'], ['h']), domain: 'own' }, node('MatMul', ['h', 'v'], ['y'])],
      [w('w', [64, 64]), w('v', [64, 64], 2)],
    );
    const fn = {
      domain: 'own',
      name: 'Dense',
      inputs: ['a', 'b'],
      outputs: ['c'],
      nodes: [node('MatMul', ['a', 'b'], ['c'])],
    };
    const m: Model = {
      ...base.model,
      functions: [fn],
      opsets: new Map([
        ['', 17],
        ['own', 1],
      ]),
    };
    return { ...base, model: m };
  });
});
