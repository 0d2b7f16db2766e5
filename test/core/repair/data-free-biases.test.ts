import { describe, expect, it } from 'vitest';
import { clippedNormal } from '../../../src/core/compression/repair/statistics/clipped-normal';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model } from '../../../src/core/model/model';
import { quantizeSchema, type RepairName } from '../../../src/core/recipe/recipe.schema';
import { planWeights } from '../../../src/core/recipe/weight-plan';
import { hasShared, sharedPath } from '../../shared';
import { initializer, int, ints, model, node, value } from '../compression/models';
import { accuracy, fashionRoles } from '../quantization/fashion';
import { outputs, random, tensor } from '../quantization/networks';
import { codes, encoded, numbersOf, planOf, repaired } from './repairing';

/** Numbers of a standard normal distribution: Box and Muller. */
function normal(count: number, seed: number): Float64Array {
  const [a, b] = [random(count, seed), random(count, seed + 1)];
  return Float64Array.from(a, (each, at) => {
    const length = Math.sqrt(-2 * Math.log((each + 1.0000001) / 2.0000002));
    return length * Math.cos(Math.PI * (b[at] ?? 0));
  });
}

describe('normal distributions that are clipped', () => {
  it.each([
    [0, 1, 0, Infinity],
    [-1, 2, 0, Infinity],
    [3, 2, 0, 6],
    [0.5, 0, 0, 6],
    [-4, 1, 0, 6],
    [1, 2, -Infinity, Infinity],
  ])('of mean %d and deviation %d, to [%d, %d], have the moments of samples', (mean, deviation, low, high) => {
    const drawn = normal(100_000, 5).map((each) => Math.min(high, Math.max(low, mean + deviation * each)));
    const center = drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const variance = drawn.reduce((sum, each) => sum + (each - center) ** 2, 0) / drawn.length;
    const found = clippedNormal(mean, deviation, low, high);
    expect(found.mean).toBeCloseTo(center, 1);
    expect(found.variance).toBeCloseTo(variance, 1);
  });

  it('have the mean that is known for Relu of a standard one', () => {
    expect(clippedNormal(0, 1, 0, Infinity).mean).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 6);
  });
});

/** A convolution after a normalization whose outputs are as its scale and bias say, then the mean over the image. */
function normalized(between: 'Relu' | 'Sigmoid'): Model {
  return model({
    nodes: [
      node('BatchNormalization', ['x', 'scale', 'shift', 'mean', 'variance'], ['a'], {}),
      node(between, ['a'], ['b']),
      node('Conv', ['b', 'conv.weight'], ['c'], { kernel_shape: ints(1, 1) }),
      node('GlobalAveragePool', ['c'], ['d']),
      node('Flatten', ['d'], ['y'], { axis: int(1) }),
    ],
    weights: [
      initializer('scale', [8], random(8, 1)),
      initializer('shift', [8], random(8, 2)),
      initializer('mean', [8], new Float32Array(8)),
      initializer('variance', [8], new Float32Array(8).fill(1)),
      initializer('conv.weight', [16, 8, 1, 1], random(128, 3)),
    ],
    inputs: [value('x', ['n', 8, 32, 32])],
    outputs: [value('y', ['n', 16])],
  });
}

const plan = planOf(['conv.weight'], codes(2));

/** The mean square of what rounding shifts the means of the outputs by. */
async function shiftOf(given: Model, other: Model): Promise<number> {
  const feeds = { x: tensor([4, 8, 32, 32], Float32Array.from(normal(4 * 8 * 1024, 11))) };
  const [before, after] = [(await outputs(given, feeds))[0], (await outputs(other, feeds))[0]];
  if (before === undefined || after === undefined) throw new Error('there are outputs');
  return before.reduce((sum, each, at) => sum + (each - (after[at] ?? 0)) ** 2, 0) / before.length;
}

describe('correcting biases without data', () => {
  it('takes off what encoded weights shift the mean by, from what the normalization says of their inputs', async () => {
    const given = normalized('Relu');
    const plain = await shiftOf(given, await encoded({ model: given, plan }));
    const after = await repaired(['bias-correction'], given, plan, null);
    expect(after.warnings).toEqual([]);
    expect(await shiftOf(given, await encoded(after))).toBeLessThan(plain / 50);
  });

  it('leaves layers alone whose inputs it does not know, and names them', async () => {
    const given = normalized('Sigmoid');
    const after = await repaired(['bias-correction'], given, plan, null);
    expect(after.warnings).toEqual([
      'Not corrected without calibration data, since batch normalization does not tell what they read: conv.',
    ]);
    expect(await numbersOf(after.model, 'conv.bias')).toEqual(new Float32Array(16));
  });

  it('asks for data where there is no batch normalization', async () => {
    const { graph } = normalized('Relu');
    const nodes = [node('Identity', ['x'], ['a']), ...graph.nodes.slice(1)];
    const given = { ...normalized('Relu'), graph: { ...graph, nodes } };
    await expect(repaired(['bias-correction'], given, plan, null)).rejects.toMatchObject({
      kind: 'bad-data',
      message:
        'The repair bias-correction of "model.onnx" needs calibration data, since the model has no batch normalization that tells of its values. Give some with --data, or use only fold, equalize and rotate.',
    });
  });
});

const SLOW = 300_000;
const there = hasShared('Correcting biases of reference networks', 'zoo') && hasShared('It', 'data', 'fashion-mnist');

describe.skipIf(!there)('reference networks with batch normalization, without data', () => {
  const scores = async (network: string, weights: 'int4' | 'int3', granularity: 'tensor' | 'channel') => {
    const file = sharedPath('zoo', network, `${network}.bn.onnx`);
    const given = await readModel(file);
    const { test } = await fashionRoles(file, sharedPath('data', 'fashion-mnist'), 2000);
    const schemes = planWeights(given, quantizeSchema.parse({ weights, granularity, scales: 'minmax' }), 'model.onnx');
    return async (...names: RepairName[]): Promise<number> => {
      const after = await repaired(names, given, schemes, null);
      return 100 * (await accuracy(await encodeOnnx(await encoded(after)), test));
    };
  };

  it('3-bit weights of mobilenet_small win ten points', { timeout: SLOW }, async () => {
    const score = await scores('mobilenet_small', 'int3', 'channel');
    expect(await score('fold', 'bias-correction')).toBeGreaterThan((await score('fold')) + 10);
  });

  it('4-bit weights of mobilenet_small with one scale win after equalizing too', { timeout: SLOW }, async () => {
    const score = await scores('mobilenet_small', 'int4', 'tensor');
    expect(await score('fold', 'bias-correction')).toBeGreaterThan((await score('fold')) + 20);
    expect(await score('fold', 'equalize', 'bias-correction')).toBeGreaterThan(88);
  });

  it('3-bit weights of resnet14 win where residual sums do not hide what layers read', { timeout: SLOW }, async () => {
    const score = await scores('resnet14', 'int3', 'channel');
    expect(await score('fold', 'bias-correction')).toBeGreaterThan(await score('fold'));
  });
});
