import { describe, expect, test } from 'vitest';
import { inferShapes } from '../../../src/core/analysis/shapes';
import type { Dimension, Model, Node, Value, Weight } from '../../../src/core/model/model';
import type { GraphParts } from './graphs';
import { graph, integers, model, node, value, weight } from './graphs';

function shapesOf(built: Model, dims: Record<string, number> = {}): Record<string, readonly Dimension[] | null> {
  return Object.fromEntries([...inferShapes(built, dims)].map(([name, type]) => [name, type.shape]));
}

function shapeOf(
  name: string,
  parts: GraphParts,
  dims: Record<string, number> = {},
): readonly Dimension[] | null | undefined {
  return shapesOf(model(parts), dims)[name];
}

/** The output of one node on `x`. */
function after(one: Node, input: Value, weights: Weight[] = [], dims: Record<string, number> = {}) {
  return shapeOf('y', { nodes: [one], inputs: [input], weights }, dims);
}

describe('symbolic dimensions', () => {
  const image = value('x', ['batch', 3, 'height', 'width']);

  test('stay expressions in one normal form', () => {
    const stride2 = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
    expect(after(node('Conv', ['x', 'w'], ['y'], { attributes: stride2 }), image, [weight('w', [8, 3, 3, 3])])).toEqual(
      ['batch', 8, '(height+1)/2', '(width+1)/2'],
    );
  });

  test('take the values that are given', () => {
    const stride2 = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
    const conv = node('Conv', ['x', 'w'], ['y'], { attributes: stride2 });
    const dims = { batch: 4, height: 33, width: 32 };
    expect(after(conv, image, [weight('w', [8, 3, 3, 3])], dims)).toEqual([4, 8, 17, 16]);
  });

  test('multiply, cancel and divide: Reshape with -1', () => {
    const target = integers('t', [-1, 64]);
    const reshape = node('Reshape', ['x', 't'], ['y']);
    expect(after(reshape, value('x', ['batch', 49, 64]), [target])).toEqual(['batch*49', 64]);
    expect(after(reshape, value('x', ['batch', 'seq', 4, 16]), [target])).toEqual(['batch*seq', 64]);
    expect(after(reshape, value('x', ['batch', 'seq', 8]), [target])).toEqual(['(batch*seq)/8', 64]);
    expect(after(node('Reshape', ['x', 't'], ['y']), value('x', ['batch', 49, 64]), [integers('t', [0, -1])])).toEqual([
      'batch',
      3136,
    ]);
  });

  test('a dimension stated as an expression is read as one', () => {
    expect(after(node('Relu', ['x'], ['y']), value('x', ['2*batch', 'seq//2 + 1']), [], { batch: 3, seq: 9 })).toEqual([
      6, 5,
    ]);
    expect(after(node('Relu', ['x'], ['y']), value('x', ['2*batch', 'n + n']))).toEqual(['batch*2', 'n*2']);
    expect(after(node('Relu', ['x'], ['y']), value('x', ['max(a, b)', '?']))).toEqual(['max(a, b)', '?']);
  });

  test('broadcasting: equal symbols stay, a fixed length wins, two different symbols are open', () => {
    const add = (left: Dimension[], right: Dimension[]) =>
      shapeOf('y', { nodes: [node('Add', ['a', 'b'], ['y'])], inputs: [value('a', left), value('b', right)] });
    expect(add(['batch', 1, 8], ['batch', 5, 1])).toEqual(['batch', 5, 8]);
    expect(add(['batch', 8], [8])).toEqual(['batch', 8]);
    expect(add(['n', 'k'], [4, 'm'])).toEqual([4, null]);
  });

  test('a cut that may be longer than a symbol is not guessed', () => {
    const slice = (start: number, end: number) =>
      after(node('Slice', ['x', 's', 'e', 'a'], ['y']), value('x', ['n', 8]), [
        integers('s', [start]),
        integers('e', [end]),
        integers('a', [0]),
      ]);
    expect(slice(1, 2 ** 31 - 1)).toEqual(['n-1', 8]);
    expect(slice(0, -2)).toEqual(['n-2', 8]);
    expect(slice(0, 1)).toEqual([1, 8]);
    expect(slice(0, 4)).toEqual([null, 8]);
  });
});

describe('shape arithmetic in the graph', () => {
  test('Shape, Gather, Mul, Unsqueeze and Concat resolve a Reshape', () => {
    const parts: GraphParts = {
      nodes: [
        node('Shape', ['x'], ['shape']),
        node('Gather', ['shape', 'zero'], ['batch']),
        node('Gather', ['shape', 'one'], ['tokens']),
        node('Mul', ['batch', 'tokens'], ['rows']),
        node('Unsqueeze', ['rows', 'axes'], ['rows1']),
        node('Concat', ['rows1', 'rest'], ['target'], { attributes: { axis: 0 } }),
        node('Reshape', ['x', 'target'], ['y']),
      ],
      inputs: [value('x', ['batch', 49, 4, 16])],
      weights: [integers('zero', [0], []), integers('one', [1], []), integers('axes', [0]), integers('rest', [-1])],
    };
    expect(shapeOf('y', parts)).toEqual(['batch*49', 64]);
  });

  test("PyTorch's padding: pads reversed by pairs", () => {
    const parts: GraphParts = {
      nodes: [
        node('Reshape', ['pads', 'pairs'], ['p2']),
        node('Slice', ['p2', 'last', 'first', 'axis0', 'back'], ['reversed']),
        node('Transpose', ['reversed'], ['t'], { attributes: { perm: [1, 0] } }),
        node('Reshape', ['t', 'flat'], ['onnxPads']),
        node('Pad', ['x', 'onnxPads'], ['y']),
      ],
      inputs: [value('x', ['batch', 10])],
      weights: [
        integers('pads', [2, 3, 0, 0]),
        integers('pairs', [-1, 2]),
        integers('last', [-1]),
        integers('first', [-(2 ** 31)]),
        integers('axis0', [0]),
        integers('back', [-1]),
        integers('flat', [-1]),
      ],
    };
    expect(shapeOf('y', parts)).toEqual(['batch', 15]);
  });

  test('Expand by a computed shape with -1, as exporters write it', () => {
    const parts: GraphParts = {
      nodes: [
        node('ConstantOfShape', ['rank'], ['ones'], { attributes: { value: integers('', [1]) } }),
        node('Equal', ['wanted', 'minus'], ['keep']),
        node('Where', ['keep', 'ones', 'wanted'], ['target']),
        node('Expand', ['x', 'target'], ['y']),
      ],
      inputs: [value('x', [1, 'n'])],
      weights: [integers('rank', [2]), integers('wanted', [7, -1]), integers('minus', [-1])],
    };
    expect(shapeOf('y', parts)).toEqual([7, 'n']);
  });

  test('Split, Range and a loop over a known number of rounds', () => {
    const body = graph({
      nodes: [
        node('Identity', ['cond'], ['again']),
        node('Relu', ['state'], ['next']),
        node('Identity', ['next'], ['seen']),
      ],
      inputs: [value('i', [], 'int64'), value('cond', [], 'bool'), value('state', null)],
      outputs: [value('again', [], 'bool'), value('next', null), value('seen', null)],
    });
    const shapes = shapesOf(
      model({
        nodes: [
          node('Split', ['x'], ['a', 'b', 'c'], { attributes: { axis: 1, num_outputs: 3 } }),
          node('Loop', ['trips', '', 'a'], ['last', 'all'], { attributes: { body } }),
          node('Range', ['start', 'limit', 'step'], ['r']),
        ],
        inputs: [value('x', ['batch', 10])],
        weights: [
          integers('trips', [6], []),
          integers('start', [0], []),
          integers('limit', [10], []),
          integers('step', [3], []),
        ],
      }),
    );
    expect(shapes).toMatchObject({
      a: ['batch', 4],
      c: ['batch', 2],
      last: ['batch', 4],
      all: [6, 'batch', 4],
      r: [4],
    });
  });
});

describe('operators that are not understood', () => {
  test('leave their own output open; stated types are used; what follows goes on', () => {
    const shapes = shapesOf(
      model({
        nodes: [
          node('Mystery', ['x'], ['a'], { domain: 'example' }),
          node('Mystery', ['x'], ['b'], { domain: 'example' }),
          node('Relu', ['b'], ['c']),
          node('Relu', ['x'], ['d']),
        ],
        inputs: [value('x', ['batch', 4])],
        values: [value('b', ['batch', 9])],
      }),
    );
    expect(shapes).toMatchObject({ a: null, b: ['batch', 9], c: ['batch', 9], d: ['batch', 4] });
  });

  test('an attribute that was not understood is not mistaken for its default', () => {
    const unread = node('Transpose', ['x'], ['y'], { attributes: { perm: { kind: 'opaque' } } });
    expect(after(unread, value('x', [1, 2]))).toBeNull();
  });

  test("a function of the model is seen through, by its own nodes' rules", () => {
    const built = model(
      { nodes: [node('Twice', ['x'], ['y'], { domain: 'local' })], inputs: [value('x', ['batch', 4])] },
      {
        functions: [
          {
            domain: 'local',
            name: 'Twice',
            inputs: ['a'],
            outputs: ['b'],
            nodes: [node('Concat', ['a', 'a'], ['b'], { attributes: { axis: 1 } })],
          },
        ],
      },
    );
    expect(shapesOf(built).y).toEqual(['batch', 8]);
  });

  test('a function that calls itself ends', () => {
    const itself = {
      domain: 'local',
      name: 'F',
      inputs: ['a'],
      outputs: ['b'],
      nodes: [node('F', ['a'], ['b'], { domain: 'local' })],
    };
    const built = model(
      { nodes: [node('F', ['x'], ['y'], { domain: 'local' })], inputs: [value('x', [1])] },
      { functions: [itself] },
    );
    expect(shapesOf(built).y).toBeNull();
  });
});
