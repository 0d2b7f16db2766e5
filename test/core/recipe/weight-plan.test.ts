import { describe, expect, it } from 'vitest';
import type { WeightScheme } from '../../../src/core/compression/encodings/scheme';
import type { Model } from '../../../src/core/model/model';
import { quantizeSchema } from '../../../src/core/recipe/recipe.schema';
import { checkStep } from '../../../src/core/recipe/step-check';
import { planWeights } from '../../../src/core/recipe/weight-plan';
import { initializer, int, model, node, value } from '../compression/models';

const weight = (name: string, ...shape: number[]) =>
  initializer(name, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

/** One of each operator with weights: nothing of it is run here. */
function everything(): Model {
  return model({
    nodes: [
      node('Gather', ['table', 'i'], ['e'], { axis: int(0) }),
      node('LSTM', ['e', 'lstm.w', 'lstm.r', 'lstm.b'], ['l']),
      node('Conv', ['l', 'conv.w', 'conv.b'], ['c']),
      node('Conv', ['c', 'depthwise.w'], ['d'], { group: int(64) }),
      node('ConvTranspose', ['d', 'up.w'], ['u']),
      node('MatMul', ['u', 'product.w'], ['m']),
      node('Gemm', ['m', 'head.w', 'head.b'], ['y'], { transB: int(1) }),
    ],
    weights: [
      weight('table', 100, 48),
      weight('lstm.w', 1, 256, 48),
      weight('lstm.r', 1, 256, 64),
      weight('lstm.b', 1, 512),
      weight('conv.w', 64, 64, 3, 3),
      weight('conv.b', 64),
      weight('depthwise.w', 64, 1, 3, 3),
      weight('up.w', 64, 40, 2, 2),
      weight('product.w', 96, 24),
      weight('head.w', 10, 96),
      weight('head.b', 10),
    ],
    inputs: [value('i', ['n'], 'int64')],
    outputs: [value('y', ['n', 10])],
  });
}

const planned = (step: object): Map<string, WeightScheme> =>
  new Map(planWeights(everything(), quantizeSchema.parse(step), 'm.onnx'));

const each = <T>(step: object, what: (scheme: WeightScheme) => T): Record<string, T> =>
  Object.fromEntries([...planned(step)].map(([name, scheme]) => [name, what(scheme)]));

describe('a step plans', () => {
  it('the weights that multiply, those of embeddings and recurrent layers too, and no biases', () => {
    const names = [...planned({ weights: 'int8' }).keys()];
    expect(names.sort()).toEqual(
      ['table', 'lstm.w', 'lstm.r', 'conv.w', 'depthwise.w', 'up.w', 'product.w', 'head.w'].sort(),
    );
  });

  it('scales along the outputs: rows of an embedding, gates of a recurrent layer', () => {
    expect(each({ weights: 'int8' }, (scheme) => (scheme.kind === 'affine' ? scheme.axis : null))).toEqual({
      table: 0,
      'lstm.w': 1,
      'lstm.r': 1,
      'conv.w': 0,
      'depthwise.w': 0,
      'up.w': 1,
      'product.w': 1,
      'head.w': 0,
    });
  });

  it('blocks along what is summed over, and a scale a channel where that is shorter than a block', () => {
    const axes = each({ weights: 'int4', granularity: 'block' }, (scheme) =>
      scheme.kind === 'affine' ? [scheme.axis, scheme.block] : null,
    );
    expect(axes).toEqual({
      table: [1, 32],
      'lstm.w': [2, 32],
      'lstm.r': [2, 32],
      'conv.w': [1, 32],
      'depthwise.w': [0, null],
      'up.w': [0, 32],
      'product.w': [0, 32],
      'head.w': [1, 32],
    });
  });

  it('palettes for the tensor, or equal groups of channels', () => {
    const groups = (step: object) =>
      each({ weights: 'int4', encoding: 'palette', ...step }, (scheme) =>
        scheme.kind === 'palette' ? [scheme.axis, scheme.groups] : null,
      );
    expect(groups({})['conv.w']).toEqual([null, 1]);
    const grouped = groups({ granularity: 'group' });
    expect(grouped).toMatchObject({ 'conv.w': [0, 4], 'lstm.w': [1, 16], 'head.w': [null, 1] });
    // 40 channels have no groups of 16; the next that are equal are of 20.
    expect(grouped['up.w']).toEqual([1, 2]);
  });

  it('least squares for scales of few bits, the range for 8', () => {
    const scales = (step: object) => each(step, (scheme) => (scheme.kind === 'affine' ? scheme.scales : null));
    expect(scales({ weights: 'int8' })['head.w']).toBe('minmax');
    expect(scales({ weights: 'int4' })['head.w']).toBe('mse');
    expect(scales({ weights: 'int4', scales: 'percentile' })['head.w']).toBe('percentile');
  });

  it('every float but running statistics for halves, where nothing is left out', () => {
    expect(planned({ weights: 'bfloat16' }).get('head.b')).toEqual({ kind: 'dense', dtype: 'bfloat16' });
    const sparse = planned({ weights: 'float32', sparsity: 0.5 });
    expect(sparse.get('head.w')).toEqual({ kind: 'dense', dtype: 'float32', sparsity: 0.5 });
    expect(sparse.has('head.b')).toBe(false);
  });

  it('a palette for widths that have no affine codes', () => {
    expect(planned({ weights: 'int6' }).get('head.w')).toMatchObject({ kind: 'palette', bits: 6 });
  });
});

describe('layers of their own', () => {
  it('keeps the first and the last layer, or gives them options of their own', () => {
    const kept = planned({ weights: 'int8', keep: ['first', 'last'] });
    expect([...planned({ weights: 'int8' }).keys()].filter((name) => !kept.has(name))).toEqual(['table', 'head.w']);
    const finer = planned({ weights: 'int4', overrides: [{ layers: ['first', 'last'], weights: 'int8' }] });
    const eight = [...finer].filter(([, scheme]) => scheme.kind === 'affine' && scheme.bits === 8);
    expect(eight.map(([name]) => name)).toEqual(['table', 'head.w']);
  });

  it('stay as they are by name, operator or pattern', () => {
    const kept = planned({ weights: 'int8', keep: ['Conv', '/^lstm/', 'head'] });
    expect([...kept.keys()].sort()).toEqual(['product.w', 'table', 'up.w']);
  });

  it('have the options of the first override that names them, and the step’s where it says nothing', () => {
    const plan = planned({
      weights: 'int4',
      granularity: 'block',
      block: 16,
      overrides: [
        { layers: ['head'], weights: 'int8', granularity: 'tensor' },
        { layers: ['Gemm', 'MatMul'], symmetric: false },
      ],
    });
    expect(plan.get('head.w')).toMatchObject({ bits: 8, axis: null, block: null, symmetric: true });
    expect(plan.get('product.w')).toMatchObject({ bits: 4, block: 16, symmetric: false });
    expect(plan.get('conv.w')).toMatchObject({ bits: 4, block: 16, symmetric: true });
  });

  it('may be halved among others', () => {
    const plan = planned({ weights: 'int8', overrides: [{ layers: ['head'], weights: 'float16' }] });
    expect(plan.get('head.w')).toEqual({ kind: 'dense', dtype: 'float16' });
    expect(plan.get('head.b')).toEqual({ kind: 'dense', dtype: 'float16' });
    expect(plan.has('conv.b')).toBe(false);
  });
});

describe('options that do not go together are refused', () => {
  it.each<[object, string]>([
    [{ weights: 'int6', encoding: 'affine' }, 'there are no affine codes of int6. Use int8, int4, int3 or int2,'],
    [{ weights: 'int4', encoding: 'palette', granularity: 'block' }, 'not by a block. Use granularity: group.'],
    [{ weights: 'int4', granularity: 'group' }, 'only palettes are shared by a group.'],
    [{ weights: 'int4', block: 32 }, 'block: 32 does not go with granularity: channel. Use granularity: block.'],
    [{ weights: 'float16', encoding: 'palette' }, 'encoding: palette does not go with float16 weights.'],
    [{ weights: 'float16', activations: 'uint8' }, 'uint8 activations need integer weights.'],
    [
      { weights: 'int4', activations: 'uint8', granularity: 'block' },
      'need weights with a scale a channel or a tensor.',
    ],
    [{ weights: 'int8', activations: 'uint8', sparsity: 0.5 }, 'do not go with sparse weights.'],
    [{ weights: 'int8', ranges: 'entropy' }, 'ranges are those of activations. Add activations: uint8.'],
    [{ weights: 'int8', compute: 'float16' }, 'float16 arithmetic does not go with int8 weights.'],
    [{ weights: 'float32' }, 'weights: float32 changes nothing.'],
    [
      { weights: 'int8', overrides: [{ layers: ['x'], weights: 'int5', encoding: 'affine' }] },
      'no affine codes of int5',
    ],
  ])('%j', (step, sentence) => {
    expect(() => checkStep(quantizeSchema.parse(step))).toThrow(sentence);
  });
});
