import { beforeAll, describe, expect, it } from 'vitest';
import type { WeightPlan } from '../../../src/core/compression/encodings/scheme';
import type { Roles } from '../../../src/core/evaluation/data';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model } from '../../../src/core/model/model';
import { quantizeSchema, type RepairName } from '../../../src/core/recipe/recipe.schema';
import { planWeights } from '../../../src/core/recipe/weight-plan';
import { hasShared, sharedPath } from '../../shared';
import { accuracy, fashionRoles } from '../quantization/fashion';
import { difference, outputs } from '../quantization/networks';
import { encoded, repaired } from './repairing';

const TESTED = 10_000;
const SLOW = 300_000;
const there = hasShared('Repairs on the reference networks', 'zoo') && hasShared('Repairs', 'data', 'fashion-mnist');

interface Zoo {
  readonly model: Model;
  readonly roles: Roles;
  readonly float: number;
}

async function zoo(name: string): Promise<Zoo> {
  const file = sharedPath('zoo', name, `${name}.onnx`);
  const roles = await fashionRoles(file, sharedPath('data', 'fashion-mnist'), TESTED);
  return { model: await readModel(file), roles, float: await accuracy(file, roles.test) };
}

function planFor(model: Model, weights: 'int4' | 'int3', granularity: 'tensor' | 'channel'): WeightPlan {
  // Plain rounding, as the table of the reference networks has it.
  return planWeights(model, quantizeSchema.parse({ weights, granularity, scales: 'minmax' }), 'model.onnx');
}

/** Accuracy in percent of the encoded model after some repairs. */
async function percent({ model, roles }: Zoo, plan: WeightPlan, names: readonly RepairName[]): Promise<number> {
  const after = await repaired(names, model, plan, roles.calibration);
  return 100 * (await accuracy(await encodeOnnx(await encoded(after)), roles.test));
}

describe.skipIf(!there)('mobilenet_small', () => {
  let given: Zoo;
  beforeAll(async () => {
    given = await zoo('mobilenet_small');
  }, SLOW);

  it('with 4-bit weights per tensor collapses, and is rescued', { timeout: SLOW }, async () => {
    const plan = planFor(given.model, 'int4', 'tensor');
    expect(await percent(given, plan, [])).toBeLessThan(20);
    expect(await percent(given, plan, ['equalize'])).toBeGreaterThan(80);
    expect(await percent(given, plan, ['gptq'])).toBeGreaterThan(100 * given.float - 2);
    expect(await percent(given, plan, ['adaptive-rounding'])).toBeGreaterThan(100 * given.float - 2);
  });

  it('with 3-bit weights per channel loses 18 points, and is rescued', { timeout: SLOW }, async () => {
    const plan = planFor(given.model, 'int3', 'channel');
    expect(await percent(given, plan, [])).toBeLessThan(80);
    expect(await percent(given, plan, ['bias-correction'])).toBeGreaterThan(86);
    expect(await percent(given, plan, ['adaptive-rounding'])).toBeGreaterThan(100 * given.float - 3);
  });

  it('answers the same after equalizing without data', { timeout: SLOW }, async () => {
    const after = await repaired(['equalize'], given.model, planFor(given.model, 'int4', 'tensor'), null);
    const { inputs } = (await given.roles.test?.batch([0, 1, 2, 3])) ?? { inputs: {} };
    expect(difference(await outputs(given.model, inputs), await outputs(after.model, inputs))).toBeLessThan(1e-4);
  });
});

describe.skipIf(!there)('4-bit weights per channel', () => {
  it.each(['lenet5', 'mobilenet_small', 'resnet14', 'vgg_small', 'vit_tiny'])(
    'lose at most a point: %s',
    { timeout: SLOW },
    async (name) => {
      const given = await zoo(name);
      const after = await percent(given, planFor(given.model, 'int4', 'channel'), ['adaptive-rounding']);
      expect(after).toBeGreaterThan(100 * given.float - 1);
    },
  );
});
