import { describe, expect, it } from 'vitest';
import type { WeightScheme } from '../../../src/core/compression/encodings/scheme';
import type { Model } from '../../../src/core/model/model';
import { float, initializer, int, ints, model, node, value } from '../compression/models';
import { difference, outputs, random, samples, tensor } from '../quantization/networks';
import { codes, encoded, inputs, numbersOf, outputError, planOf, repaired } from './repairing';

/** Depthwise and strided convolutions, products with matrices of both orders, biases of every kind. */
function network(): Model {
  return model({
    nodes: [
      node('Conv', ['x', 'first.weight', 'first.bias'], ['a'], { pads: ints(1, 1, 1, 1) }),
      node('Relu', ['a'], ['b']),
      node('Conv', ['b', 'depthwise.weight'], ['c'], { group: int(8), pads: ints(1, 1, 1, 1), strides: ints(2, 2) }),
      node('Relu', ['c'], ['d']),
      node('Flatten', ['d'], ['e']),
      node('Gemm', ['e', 'fc.weight', 'fc.bias'], ['f'], { transB: int(1), alpha: float(1) }),
      node('Relu', ['f'], ['g']),
      node('MatMul', ['g', 'head.weight'], ['h']),
      node('Add', ['h', 'head.bias'], ['y']),
    ],
    weights: [
      initializer('first.weight', [8, 2, 3, 3], random(144, 1)),
      initializer('first.bias', [8], random(8, 2)),
      initializer('depthwise.weight', [8, 1, 3, 3], random(72, 3)),
      initializer('fc.weight', [32, 128], random(32 * 128, 4)),
      initializer('fc.bias', [32], random(32, 5)),
      initializer('head.weight', [32, 16], random(512, 6)),
      initializer('head.bias', [16], random(16, 7)),
    ],
    inputs: [value('x', ['n', 2, 8, 8])],
    outputs: [value('y', ['n', 16])],
  });
}

const NAMES = ['first.weight', 'depthwise.weight', 'fc.weight', 'head.weight'];
const SHAPE = [2, 8, 8];

/** Each weight's axis of outputs: first in all but the last matrix. */
const perChannel = (bits: 2 | 3 | 4): Map<string, WeightScheme> =>
  new Map(NAMES.map((name) => [name, codes(bits, name === 'head.weight' ? 1 : 0)]));

describe('choosing codes by what they do to the outputs', () => {
  it.each(['gptq', 'adaptive-rounding'] as const)('%s more than halves the error of plain rounding', async (name) => {
    const given = network();
    for (const plan of [planOf(NAMES, codes(4)), perChannel(4), perChannel(3)]) {
      const plain = await outputError(given, await encoded({ model: given, plan }), 'x', SHAPE);
      const after = await outputError(
        given,
        await encoded(await repaired([name], given, plan, inputs('x', SHAPE, 256))),
        'x',
        SHAPE,
      );
      expect(after).toBeLessThan(plain / 2);
    }
  });

  const SCHEMES: [string, WeightScheme][] = [
    ['one scale', codes(4)],
    ['a scale a channel', codes(3, 0)],
    ['2 bits', codes(2, 0)],
    ['8 bits', codes(8, 0)],
    ['zero points', { ...codes(4, 0), symmetric: false }],
    ['blocks', { ...codes(4, 1), block: 16 }],
    ['a palette', { kind: 'palette', bits: 3, axis: null, groups: 1, method: 'kmeans' }],
    ['palettes of groups', { kind: 'palette', bits: 2, axis: 0, groups: 4, method: 'kmeans' }],
    ['half zeros, 4 bits', { ...codes(4, 0), sparsity: 0.5 }],
    ['half zeros, 4 bits and zero points', { ...codes(4), symmetric: false, sparsity: 0.5 }],
    ['a sparse palette', { kind: 'palette', bits: 2, axis: null, groups: 1, method: 'kmeans', sparsity: 0.5 }],
  ];

  it.each(SCHEMES)('gives weights that are encoded exactly as chosen: %s', async (_title, scheme) => {
    const given = network();
    const plan = planOf(['first.weight', 'depthwise.weight', 'fc.weight'], scheme);
    const after = await repaired(['adaptive-rounding'], given, plan, inputs('x', SHAPE));
    const back = await encoded(after);
    for (const name of plan.keys()) {
      expect(await numbersOf(back, name)).toEqual(await numbersOf(after.model, name));
      expect(await numbersOf(after.model, name)).not.toEqual(await numbersOf(given, name));
    }
  });

  it('encodes a matrix whose outputs lie last exactly as chosen', async () => {
    const plan = new Map<string, WeightScheme>([['head.weight', { ...codes(4, 0), block: 16 }]]);
    const after = await repaired(['gptq'], network(), plan, inputs('x', SHAPE));
    expect(await numbersOf(await encoded(after), 'head.weight')).toEqual(await numbersOf(after.model, 'head.weight'));
  });

  it('makes later layers take up what earlier ones got wrong', async () => {
    const given = network();
    const both = new Map([
      ['first.weight', codes(2, 0)],
      ['fc.weight', codes(8, 0)],
    ]);
    const data = inputs('x', SHAPE, 256);
    const alone = await encoded(
      await repaired(['adaptive-rounding'], given, new Map([['first.weight', codes(2, 0)]]), data),
    );
    const together = await encoded(await repaired(['adaptive-rounding'], given, both, data));
    expect(await outputError(given, together, 'x', SHAPE)).toBeLessThan(await outputError(given, alone, 'x', SHAPE));
  });

  it('copes with inputs that are always zero, and with fewer samples than columns', async () => {
    const given = network();
    const silent = samples(3, 'x', SHAPE, () => new Float32Array(128));
    const after = await encoded(await repaired(['gptq'], given, perChannel(4), silent));
    const feeds = { x: tensor([1, ...SHAPE], random(128, 1)) };
    expect((await outputs(after, feeds))[0]?.every(Number.isFinite)).toBe(true);
  });

  it('leaves the model that it was given as it was, and weights out of the plan alone', async () => {
    const given = network();
    const before = await numbersOf(given, 'first.weight');
    const after = await repaired(['gptq'], given, planOf(['fc.weight'], codes(8, 0)), inputs('x', SHAPE));
    expect(await numbersOf(given, 'first.weight')).toEqual(before);
    expect(await numbersOf(after.model, 'first.weight')).toEqual(before);
    const feeds = { x: tensor([2, ...SHAPE], random(256, 9)) };
    expect(difference(await outputs(given, feeds), await outputs(after.model, feeds))).toBeLessThan(0.02);
  });
});
