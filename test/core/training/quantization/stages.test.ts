import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFloats } from '../../../../src/core/compression/graph/float-weights';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import { quietContext } from '../../../../src/core/progress';
import { awareOptions, trainSchema, type AwareOptions, type TrainStep } from '../../../../src/core/recipe/train.schema';
import { formFile } from '../../../../src/core/training/forms';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { awareTransform } from '../../../../src/core/training/quantization/aware-transform';
import { learnedModel } from '../../../../src/core/training/quantization/learned-model';
import { prepareAware } from '../../../../src/core/training/quantization/prepare-aware';
import { trainModel, type Trained } from '../../../../src/core/training/train-model';
import { checkpointFile } from '../../../../src/core/training/trainer/checkpoint-file';
import type { TrainingControl } from '../../../../src/core/training/trainer/plan';
import { scratchFolder } from '../../compression/running';
import { pictureNetwork, stripes } from '../picture-network';
import { accuracyOf, agreementOf, answersOf, trainedAware } from './exported';
import { trainingAnswers } from './frozen-graph';
import * as z from 'zod';

const folder = scratchFolder();
const SETS = { train: stripes(640, 1), test: stripes(1000, 2) };
const AS_WRITTEN = { configuration: { 'session.disable_quant_qdq': '1' } };
const STEP = { epochs: 4, batch: 64, rate: 0.02, threads: 1 };

interface Ways {
  readonly step?: Partial<TrainStep>;
  readonly quantize?: Partial<AwareOptions>;
  readonly file?: string;
  /** Steps after which it is stopped, as by a person. */
  readonly stopAfter?: number;
}

/** Trains; a checkpoint in the file is gone on from. */
async function trained({ step, quantize, file, stopAfter = Infinity }: Ways): Promise<Trained> {
  const [context, model] = [quietContext(), pictureNetwork()];
  const options = z.object(awareOptions).parse(quantize ?? {});
  const aware =
    quantize && (await prepareAware({ ...{ model, options, calibration: SETS.train, file: 'net', context } }));
  let steps = 0;
  const control: TrainingControl = {
    ready: () => Promise.resolve(),
    get stopped() {
      return steps >= stopAfter;
    },
  };
  return trainModel({
    ...{ model: aware?.model ?? model, file: 'net', loss: crossEntropy(), train: SETS.train, selection: SETS.test },
    transforms: aware ? [awareTransform(aware.plan, aware.earlier)] : [],
    ...{ step: trainSchema.parse({ ...STEP, evaluateEvery: 5, ...step }), context, control },
    // Timed once: another choice of forms would round otherwise.
    forms: formFile(path.join(folder, 'forms.json')),
    ...(file === undefined ? {} : { checkpoints: checkpointFile(path.join(folder, file), 'same') }),
    onEvent: ({ kind }) => {
      if (kind === 'step') steps += 1;
    },
  });
}

describe('normalization that stands still after a share of the training', () => {
  it('keeps the statistics that it has then, while weights go on', async () => {
    const [frozen, until] = [await trained({ step: { freezeNormalization: 0.1 } }), await trained({ stopAfter: 4 })];
    expect(frozen.outcome.bestStep).toBeGreaterThan(4);
    expect(until.outcome.bestStep).toBe(4);
    for (const name of ['stem.mean', 'mix.variance'])
      expect(frozen.values.get(name), name).toEqual(until.values.get(name));
    expect(frozen.values.get('stem.weight')).not.toEqual(until.values.get('stem.weight'));
    expect(frozen.outcome.bestValue).toBeGreaterThan(0.6);
  });

  it.each([
    { weights: 'int4', activations: 'uint8' },
    { weights: 'int2', activations: 'uint4' },
    { weights: 'ternary', activations: 'uint8' },
  ] as const)('gives a file that answers as the graph that trained, %o', async (options) => {
    const file = path.join(folder, `frozen ${Object.values(options).join(' ')}.onnx`);
    const step = { ...STEP, epochs: 8, freezeNormalization: 0.5 };
    const network = pictureNetwork({ negativeScales: true });
    const { trained: twin, aware, values } = await trainedAware(network, options, SETS, file, step);
    const [evaluated, training] = [await answersOf(twin, SETS.test), await trainingAnswers(aware, values, SETS.test)];
    const written = await answersOf(file, SETS.test, AS_WRITTEN);
    expect(agreementOf(written, evaluated)).toMatchObject({ exact: true });
    expect(agreementOf(written, training)).toMatchObject({ same: SETS.test.length });
    const fused = agreementOf(await answersOf(file, SETS.test), training);
    expect(fused.same / fused.of).toBeGreaterThanOrEqual(0.997);
    expect(accuracyOf(written, SETS.test)).toBeGreaterThan(0.6);
  });
});

describe.each([
  ['normalization that is frozen', { step: { freezeNormalization: 0.5 } }],
  [
    'frozen, with few bits',
    { step: { freezeNormalization: 0.5 }, quantize: { weights: 'int4', activations: 'uint8' } },
  ],
  ['fewer and fewer bits', { quantize: { weights: 'int2', activations: 'uint4', progressive: true } }],
] satisfies [string, Ways][])('a training in stages: %s', (name, ways) => {
  it.each([7, 20, 30])('goes on to the same numbers after %i steps', async (stopAfter) => {
    const file = `${name} ${stopAfter}`;
    const whole = await trained(ways);
    await trained({ ...ways, file, stopAfter });
    const resumed = await trained({ ...ways, file });
    expect(resumed.outcome.forms).toEqual(whole.outcome.forms);
    expect(resumed.outcome.bestStep).toBe(whole.outcome.bestStep);
    for (const [variable, value] of whole.values) expect(resumed.values.get(variable), variable).toEqual(value);
  });
});

describe('bits that become fewer', () => {
  it.each([true, [8, 3]])('end on the last grid, and the best is of those: %j', async (progressive) => {
    const quantize = { weights: 'int2', progressive } as const;
    const { values, outcome } = await trained({ quantize });
    expect(outcome.bestStep).toBeGreaterThan(20);
    const [context, model] = [quietContext(), pictureNetwork()];
    const options = z.object(awareOptions).parse(quantize);
    const aware = await prepareAware({ ...{ model, options, calibration: null, file: 'net', context } });
    const { model: learned } = await learnedModel(aware, values);
    const reader = await openWeights(learned);
    const weight = learned.graph.weights.get('mix.weight');
    const numbers = weight ? await readFloats(reader, weight) : new Float32Array(0);
    await reader.close();
    for (let channel = 0; channel < 8; channel++)
      expect(new Set(numbers.subarray(8 * channel, 8 * (channel + 1))).size).toBeLessThanOrEqual(4);
  });

  it('are refused where none is more than the last', async () => {
    await expect(trained({ quantize: { weights: 'int4', progressive: [3] } })).rejects.toThrow(
      'no step with more bits',
    );
  });
});
