import { describe, expect, test } from 'vitest';
import { inferShapes } from '../../../../src/core/analysis/shapes';
import { BLOCKS_OPSET, raiseOpset } from '../../../../src/core/compression/graph/opset/raise';
import type { Attribute, Model, Node } from '../../../../src/core/model/model';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { weights } from '../../kernels/hostile';
import { float, initializer, int, ints, model, node, value } from '../models';
import { answers } from '../running';

function raised(from: Model): Model {
  const types = inferShapes(from);
  return raiseOpset(from, (name) => types.get(name)?.shape?.length ?? null, 'blocks need', BLOCKS_OPSET);
}

const x: Tensor = { dtype: 'float32', shape: [1, 4, 6, 6], data: weights(144, 5, 1) };
const text = (value: string): Attribute => ({ kind: 'string', value });

function network(nodes: Node[], opset: number, shape: (number | string)[] = ['a', 'b', 'c', 'd']): Model {
  return model(
    {
      nodes,
      weights: [
        initializer('rois', [1, 4], Float32Array.of(0.4, 0.6, 4.3, 5.1)),
        initializer('batch', [1], BigInt64Array.of(0n), 'int64'),
        initializer('grid', [1, 5, 5, 2], weights(50, 3, 0.5)),
        ...['scale', 'bias', 'mean'].map((name, at) => initializer(name, [4], weights(4, at + 1, 1))),
        initializer('variance', [4], Float32Array.of(1, 2, 0.5, 3)),
      ],
      inputs: [value('x', [1, 4, 6, 6])],
      outputs: [value('y', shape)],
    },
    opset,
    10,
  );
}

describe('raised to operator set 21, a model computes the same', () => {
  test.each<[string, Node[], number]>([
    ['reductions with axes', [node('ReduceMean', ['x'], ['y'], { axes: ints(2, 3), keepdims: int(1) })], 13],
    ['reductions over everything', [node('ReduceMax', ['x'], ['y'], { keepdims: int(1) })], 17],
    ['reductions older than their axes', [node('ReduceL2', ['x'], ['y'], { axes: ints(1), keepdims: int(1) })], 11],
    ['equal parts', [node('Split', ['x'], ['a', 'b'], { axis: int(1) }), node('Mul', ['a', 'b'], ['y'])], 13],
    ['equal parts of old', [node('Split', ['x'], ['a', 'b'], { axis: int(1) }), node('Mul', ['a', 'b'], ['y'])], 11],
    ['regions', [node('RoiAlign', ['x', 'rois', 'batch'], ['y'], { output_height: int(3), output_width: int(3) })], 13],
    ['sampled grids', [node('GridSample', ['x', 'grid'], ['y'], { mode: text('bilinear') })], 16],
    ['cubic grids', [node('GridSample', ['x', 'grid'], ['y'], { mode: text('bicubic') })], 17],
    ['grids without a mode', [node('GridSample', ['x', 'grid'], ['y'])], 16],
    [
      'normalization',
      [node('BatchNormalization', ['x', 'scale', 'bias', 'mean', 'variance'], ['y'], { epsilon: float(1e-3) })],
      13,
    ],
    ['what is new', [node('HardSwish', ['x'], ['h']), node('Trilu', ['h'], ['y'])], 14],
    ['softmax over the rest', [node('Softmax', ['x'], ['y'], { axis: int(1) })], 11],
  ])('%s', async (_, nodes, opset) => {
    const from = network(nodes, opset);
    const after = raised(from);
    expect(after.opsets.get('')).toBe(21);
    const [got, expected] = await Promise.all([answers(after, { x }), answers(from, { x })]);
    expect(got['y']?.shape).toEqual(expected['y']?.shape);
    const [left, right] = [got, expected].map(({ y }) => Array.from(y?.data ?? [], Number));
    expect(left?.length).toBeGreaterThan(0);
    right?.forEach((number, at) => {
      expect(Math.abs(number - (left?.[at] ?? NaN))).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(number)));
    });
  });

  test('or is refused, by the operator that would not', () => {
    const grouped = node('GroupNormalization', ['x', 'scale', 'bias'], ['y'], { num_groups: int(4) });
    expect(() => raised(network([grouped], 18))).toThrow(
      /GroupNormalization of operator set 18 cannot be raised to 21, which blocks need/,
    );
    const training = node('BatchNormalization', ['x', 'scale', 'bias', 'mean', 'variance'], ['y', 'm']);
    expect(() => raised(network([training], 13))).toThrow(/BatchNormalization/);
  });

  test('or stays as it is, where it is new enough', () => {
    const from = network([node('Relu', ['x'], ['y'])], 22);
    expect(raised(from)).toBe(from);
  });
});
