import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subset } from '../../../../src/core/evaluation/data/subset';
import { openRoles, type Roles } from '../../../../src/core/evaluation/data';
import { readModel } from '../../../../src/core/formats';
import type { AwareOptions } from '../../../../src/core/recipe/train.schema';
import { hasShared, sharedPath } from '../../../shared';
import { scratchFolder } from '../../compression/running';
import { accuracyOf, agreementOf, answersOf, trainedAware, type Sets } from './exported';

const AS_WRITTEN = { configuration: { 'session.disable_quant_qdq': '1' } };
const TRAINED_ON = 2560;
const TESTED = 2000;

interface Case {
  readonly network: string;
  readonly options: Partial<AwareOptions>;
  /** Accuracy, 0 to 1, after the few steps that a test has time for. */
  readonly least: number;
}

const quantized = (network: string, weights: AwareOptions['weights'], bits: 8 | 4, least: number): Case => ({
  ...{ network, options: { weights, activations: bits === 8 ? 'uint8' : 'uint4' }, least },
});

const CASES: readonly Case[] = [
  { network: 'lenet5/lenet5', options: { weights: 'ternary' }, least: 0.8 },
  { network: 'lenet5/lenet5', options: { weights: 'binary' }, least: 0.7 },
  { network: 'mobilenet_small/mobilenet_small.bn', options: { weights: 'int2' }, least: 0.6 },
  quantized('lenet5/lenet5', 'int2', 8, 0.8),
  { network: 'lenet5/lenet5', options: { weights: 'int4', activations: 'uint4', granularity: 'tensor' }, least: 0.8 },
  quantized('mobilenet_small/mobilenet_small.bn', 'int4', 8, 0.8),
  quantized('mobilenet_small/mobilenet_small.bn', 'int2', 8, 0.4),
  quantized('mobilenet_small/mobilenet_small', 'int4', 8, 0.7),
  quantized('resnet14/resnet14.bn', 'int2', 8, 0.7),
  quantized('resnet14/resnet14', 'int4', 4, 0.7),
  quantized('vgg_small/vgg_small.bn', 'int2', 8, 0.7),
  quantized('vgg_small/vgg_small', 'int4', 8, 0.7),
];

const SUITE = 'Training with weights of few bits, and exporting';

describe.skipIf(!hasShared(SUITE, 'zoo', 'lenet5', 'lenet5.onnx'))(SUITE, () => {
  const folder = scratchFolder();
  let roles: Roles;
  let sets: Sets;

  beforeAll(async () => {
    const file = (name: string): string => sharedPath('data', 'fashion-mnist', `${name}-images-idx3-ubyte.gz`);
    const image = { name: 'image', dtype: 'float32', shape: ['batch', 1, 28, 28] } as const;
    const section = { train: file('train'), test: { path: file('t10k'), limit: TESTED } };
    roles = await openRoles(section, '/', [image], { calibrationSamples: 500, training: true });
    if (!roles.selection || !roles.test) throw new Error('there are pictures');
    const some = Int32Array.from({ length: TRAINED_ON }, (_, index) => index);
    sets = { train: subset(roles.selection, some), test: roles.test };
  });
  afterAll(() => roles.close());

  it.each(CASES)('$network, $options: the file answers as training did', { timeout: 300_000 }, async (given) => {
    const model = await readModel(sharedPath('zoo', `${given.network}.onnx`));
    const file = path.join(folder, `${CASES.indexOf(given)}.onnx`);
    const { trained } = await trainedAware(model, given.options, sets, file, { epochs: 1, batch: 64, rate: 1e-3 });
    const before = await answersOf(trained, sets.test);
    const asWritten = agreementOf(await answersOf(file, sets.test, AS_WRITTEN), before);
    const fused = agreementOf(await answersOf(file, sets.test), before);
    expect(asWritten).toMatchObject({ exact: true, same: asWritten.of });
    if (given.options.activations === undefined) expect(fused).toMatchObject({ exact: true, same: fused.of });
    expect(fused.same / fused.of).toBeGreaterThanOrEqual(0.997);
    expect(fused.farthest).toBeLessThanOrEqual(2);
    expect(accuracyOf(before, sets.test)).toBeGreaterThan(given.least);
  });
});
