import { describe, expect, it } from 'vitest';
import { LOWEST_OPSET } from '../../../src/core/compression/graph/opset/raise';
import { prepare } from '../../../src/core/compression/quantization/static/preparation';
import { ModelSources } from '../../../src/core/formats/model-sources';
import { readerOver } from '../../../src/core/formats/weight-reader';
import { EdgewiseError } from '../../../src/core/errors';
import { elementsOf, type Attribute, type Model, type Node } from '../../../src/core/model/model';
import { float, initializer, int, ints, model, node, value } from '../compression/models';
import { difference, outputs, random, tensor } from './networks';

const prepared = (given: Model): Promise<Model> => prepare(given, readerOver(new ModelSources([])));
const operators = ({ graph }: Model): string[] => graph.nodes.map(({ opType }) => opType);

/** Prepares, and checks that the result computes the same and has the operator set that int8 needs. */
async function same(given: Model, shape: number[]): Promise<Model> {
  const result = await prepared(given);
  expect(result.opsets.get('')).toBeGreaterThanOrEqual(LOWEST_OPSET);
  const feeds = { x: tensor(shape, random(elementsOf(shape), 3)) };
  expect(difference(await outputs(given, feeds), await outputs(result, feeds))).toBeLessThan(1e-5);
  return result;
}

const vector = (length: number, seed: number): Float32Array => random(length, seed);

describe('preparing a graph', () => {
  it('drops Identity and Dropout, and makes Constant nodes weights', async () => {
    const weight: Attribute = { kind: 'tensor', value: initializer('', [4, 3], vector(12, 1)) };
    const given = model({
      nodes: [
        node('Constant', [], ['w'], { value: weight }),
        node('Identity', ['w'], ['w2']),
        node('Dropout', ['x'], ['d']),
        node('MatMul', ['d', 'w2'], ['m']),
        node('Identity', ['m'], ['y']),
      ],
      weights: [],
      inputs: [value('x', [2, 4])],
      outputs: [value('y', [2, 3])],
    });
    const result = await same(given, [2, 4]);
    // The last one gives the output its name.
    expect(operators(result)).toEqual(['MatMul', 'Identity']);
    expect([...result.graph.weights.keys()]).toEqual(['w']);
  });

  it('makes MatMul and the addition of a bias one Gemm, and multiplies alpha and beta into a Gemm', async () => {
    const given = model({
      nodes: [
        node('MatMul', ['x', 'w'], ['m']),
        node('Add', ['m', 'b'], ['a']),
        node('Gemm', ['a', 'v', 'c'], ['y'], { alpha: float(0.5), beta: float(2) }),
      ],
      weights: [
        initializer('w', [4, 6], vector(24, 1)),
        initializer('b', [6], vector(6, 2)),
        initializer('v', [6, 3], vector(18, 3)),
        initializer('c', [3], vector(3, 4)),
      ],
      inputs: [value('x', ['n', 4])],
      outputs: [value('y', ['n', 3])],
    });
    const result = await same(given, [2, 4]);
    expect(operators(result)).toEqual(['Gemm', 'Gemm']);
    expect(result.graph.nodes[1]?.attributes.size).toBe(0);
  });

  it('leaves a product of more than two dimensions, whose bias no Gemm takes', async () => {
    const given = model({
      nodes: [node('MatMul', ['x', 'w'], ['m']), node('Add', ['b', 'm'], ['y'])],
      weights: [initializer('w', [4, 6], vector(24, 1)), initializer('b', [6], vector(6, 2))],
      inputs: [value('x', [2, 3, 4])],
      outputs: [value('y', [2, 3, 6])],
    });
    expect(operators(await same(given, [2, 3, 4]))).toEqual(['MatMul', 'Add']);
  });

  it('takes a constant added to a convolution as its bias', async () => {
    const given = model({
      nodes: [node('Conv', ['x', 'w'], ['c']), node('Add', ['c', 'b'], ['y'])],
      weights: [initializer('w', [3, 2, 1, 1], vector(6, 1)), initializer('b', [1, 3, 1, 1], vector(3, 2))],
      inputs: [value('x', [1, 2, 4, 4])],
      outputs: [value('y', [1, 3, 4, 4])],
    });
    expect(operators(await same(given, [1, 2, 4, 4]))).toEqual(['Conv']);
  });

  it.each([0, 1])('writes a mean over space as a pool (keepdims = %i)', async (keepdims) => {
    const given = model({
      nodes: [node('ReduceMean', ['x'], ['y'], { axes: ints(-2, -1), keepdims: int(keepdims) })],
      weights: [],
      inputs: [value('x', ['n', 3, 4, 4])],
      outputs: [value('y', keepdims === 1 ? ['n', 3, 1, 1] : ['n', 3])],
    });
    expect(operators(await same(given, [2, 3, 4, 4]))[0]).toBe('GlobalAveragePool');
  });

  it('refuses a graph with a cycle', async () => {
    const given = model({
      nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b'])],
      weights: [],
      inputs: [value('x', [1])],
      outputs: [value('b', [1])],
    });
    await expect(prepared(given)).rejects.toMatchObject({ kind: 'malformed' });
  });
});

/** One operator of an old operator set between an input [2, 3, 4, 4] and an output. */
const OLD: [string, number, Node, number[]][] = [
  ['Squeeze', 11, node('Squeeze', ['x1'], ['y'], { axes: ints(0) }), [2, 3, 4, 4]],
  ['Unsqueeze', 11, node('Unsqueeze', ['x'], ['y'], { axes: ints(0, 5) }), [1, 2, 3, 4, 4, 1]],
  ['ReduceSum', 11, node('ReduceSum', ['x'], ['y'], { axes: ints(1), keepdims: int(0) }), [2, 4, 4]],
  ['Softmax over the rest', 11, node('Softmax', ['x'], ['y']), [2, 3, 4, 4]],
  ['Softmax over the last', 11, node('Softmax', ['x'], ['y'], { axis: int(3) }), [2, 3, 4, 4]],
  ['LogSoftmax', 9, node('LogSoftmax', ['x'], ['y'], { axis: int(2) }), [2, 3, 4, 4]],
  ['Pad', 9, node('Pad', ['x'], ['y'], { pads: ints(0, 0, 1, 1, 0, 0, 2, 0), value: float(0.5) }), [2, 3, 7, 5]],
  ['Slice', 9, node('Slice', ['x'], ['y'], { starts: ints(1), ends: ints(3), axes: ints(2) }), [2, 3, 2, 4]],
  ['Clip', 9, node('Clip', ['x'], ['y'], { min: float(0), max: float(0.5) }), [2, 3, 4, 4]],
  ['Clip without upper bound', 9, node('Clip', ['x'], ['y'], { min: float(0) }), [2, 3, 4, 4]],
  ['Split', 11, node('Split', ['x'], ['y', 'z'], { axis: int(1), split: ints(1, 2) }), [2, 1, 4, 4]],
  ['Upsample', 9, node('Upsample', ['x', 'scales'], ['y'], {}), [2, 3, 8, 8]],
  ['Resize', 10, node('Resize', ['x', 'scales'], ['y'], {}), [2, 3, 8, 8]],
  ['Dropout', 10, node('Dropout', ['x'], ['y']), [2, 3, 4, 4]],
  ['BatchNormalization', 7, node('BatchNormalization', ['x', 'b', 'b', 'b', 'v'], ['y']), [2, 3, 4, 4]],
  ['Add', 7, node('Add', ['x', 'wide'], ['y']), [2, 3, 4, 4]],
];

describe('raising an operator set', () => {
  it.each(OLD)('%s of operator set %i computes the same', async (_title, opset, old, shape) => {
    const given = model(
      {
        nodes: [node('Reshape', ['x', 'one'], ['x1']), old],
        weights: [
          initializer('one', [5], BigInt64Array.of(1n, 2n, 3n, 4n, 4n), 'int64'),
          initializer('b', [3], vector(3, 2)),
          initializer(
            'v',
            [3],
            vector(3, 3).map((x) => x * x + 0.1),
          ),
          initializer('wide', [3, 1, 1], vector(3, 4)),
          initializer('scales', [4], Float32Array.of(1, 1, 2, 2)),
        ],
        inputs: [value('x', [2, 3, 4, 4])],
        outputs: [value('y', shape)],
      },
      opset,
      5,
    );
    await same(given, [2, 3, 4, 4]);
  });

  it('lays a bias of the oldest operator sets along its axis', async () => {
    const given = model(
      {
        nodes: [node('Add', ['x', 'b'], ['y'], { broadcast: int(1), axis: int(1) })],
        weights: [initializer('b', [3], Float32Array.of(1, 2, 3))],
        inputs: [value('x', [1, 3, 2, 2])],
        outputs: [value('y', [1, 3, 2, 2])],
      },
      2,
      2,
    );
    const result = await prepared(given);
    expect(result.formatVersion).toBe('IR 7');
    const [answer] = await outputs(result, { x: tensor([1, 3, 2, 2], new Float32Array(12)) });
    expect([...(answer ?? [])]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
  });

  it('refuses by name what it does not know', async () => {
    const given = model(
      { nodes: [node('Upsample', ['x'], ['y'])], weights: [], inputs: [value('x', [1])], outputs: [value('y', [1])] },
      6,
    );
    const refused = prepared(given);
    await expect(refused).rejects.toBeInstanceOf(EdgewiseError);
    await expect(refused).rejects.toThrow('Upsample of operator set 6 cannot be raised to 13');
  });
});
