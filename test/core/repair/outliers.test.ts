import { describe, expect, it } from 'vitest';
import { quantizeDynamic } from '../../../src/core/compression/quantization/dynamic';
import { quantizeStatic } from '../../../src/core/compression/quantization/static';
import type { DataSet } from '../../../src/core/evaluation/data';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { quantizeSchema } from '../../../src/core/recipe/recipe.schema';
import { planWeights } from '../../../src/core/recipe/weight-plan';
import { hasShared, sharedPath } from '../../shared';
import { accuracy, fashionRoles } from '../quantization/fashion';
import { difference, outputs, random, tensor } from '../quantization/networks';
import { codes, encoded, inputs, outputError, planOf, repaired } from './repairing';
import { MATRICES, TOKENS, transformer, withOutliers } from './transformer';

const data = inputs('x', TOKENS, 128);
const eightBits = planOf(MATRICES, codes(8, 1));
const CHANNELS = [3, 5, 11, 20];

const loud = (): Promise<Model> => withOutliers(transformer('LayerNormalization'), 100, CHANNELS);

async function dynamicInt8(given: Model): Promise<Model> {
  return (await quantizeDynamic(given, { granularity: 'channel', keep: [], reduceRange: false })).model;
}

async function staticInt8(given: Model, calibration: DataSet): Promise<Model> {
  const choices = { granularity: 'channel', keep: [], samples: 128, reduceRange: false } as const;
  return (await quantizeStatic(given, { ...choices, calibration, context: quietContext() })).model;
}

describe('channels that stand out', () => {
  it('are the same function as without them', async () => {
    const feeds = { x: tensor([3, ...TOKENS], random(3 * 96, 77)) };
    const [plain, same] = [transformer('LayerNormalization'), await loud()];
    expect(difference(await outputs(plain, feeds), await outputs(same, feeds))).toBeLessThan(1e-4);
  });

  it('spoil 8-bit activations, which smooth rescues: ranges found at each run', async () => {
    const given = await loud();
    const { model: smoothed } = await repaired(['smooth'], given, eightBits, data);
    const plain = await outputError(given, await dynamicInt8(given), 'x', TOKENS);
    expect(await outputError(given, await dynamicInt8(smoothed), 'x', TOKENS)).toBeLessThan(plain / 4);
  });

  it('spoil 8-bit activations, which smooth rescues: ranges that are calibrated', async () => {
    const given = await loud();
    const { model: smoothed } = await repaired(['smooth'], given, eightBits, data);
    const plain = await outputError(given, await staticInt8(given, data), 'x', TOKENS);
    expect(await outputError(given, await staticInt8(smoothed, data), 'x', TOKENS)).toBeLessThan(plain / 4);
  });

  it('spoil 4-bit weights in blocks, which awq rescues', async () => {
    const given = await loud();
    const plan = planOf(MATRICES, { ...codes(4, 0), block: 16 });
    const plain = await outputError(given, await encoded({ model: given, plan }), 'x', TOKENS);
    const after = await encoded(await repaired(['awq'], given, plan, data));
    expect(await outputError(given, after, 'x', TOKENS)).toBeLessThan(plain / 4);
  });
});

const SLOW = 300_000;
const there = hasShared('Channels that stand out', 'zoo') && hasShared('They', 'data', 'fashion-mnist');

describe.skipIf(!there)('vit_tiny with channels that stand out', () => {
  const zoo = async () => {
    const file = sharedPath('zoo', 'vit_tiny', 'vit_tiny.onnx');
    const roles = await fashionRoles(file, sharedPath('data', 'fashion-mnist'), 1000);
    const score = async (each: Model): Promise<number> => 100 * (await accuracy(await encodeOnnx(each), roles.test));
    return { given: await withOutliers(await readModel(file), 200, [1, 9, 17, 25, 33, 41]), roles, score };
  };

  it('in 4-bit blocks is rescued by awq with data, and by rotate without', { timeout: SLOW }, async () => {
    const { given, roles, score } = await zoo();
    const step = quantizeSchema.parse({ weights: 'int4', granularity: 'block', scales: 'minmax' });
    const plan = planWeights(given, step, 'model.onnx');
    const plain = await score(await encoded({ model: given, plan }));
    const withAwq = await score(await encoded(await repaired(['awq'], given, plan, roles.calibration)));
    const withRotate = await score(await encoded(await repaired(['rotate'], given, plan, null)));
    expect(withAwq).toBeGreaterThan(plain + 3);
    expect(withRotate).toBeGreaterThan(plain + 3);
  });

  it('with 8-bit activations is rescued by smooth', { timeout: SLOW }, async () => {
    const { given, roles, score } = await zoo();
    const plan = planWeights(given, quantizeSchema.parse({ weights: 'int8' }), 'model.onnx');
    const { model: smoothed } = await repaired(['smooth'], given, plan, roles.calibration);
    const plain = await score(await dynamicInt8(given));
    const withSmooth = await score(await dynamicInt8(smoothed));
    expect(withSmooth).toBeGreaterThan(plain + 3);
  });
});
