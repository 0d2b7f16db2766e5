import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatOf, readModel } from '../../../../src/core/formats';
import { readFloats } from '../../../../src/core/compression/graph/float-weights';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import type { Model } from '../../../../src/core/model/model';
import { quietContext } from '../../../../src/core/progress';
import { awareOptions, trainSchema, type TrainStep } from '../../../../src/core/recipe/train.schema';
import { compactWeights, storeCompact, withOneStep } from '../../../../src/core/training/compact-weights';
import { evaluationModel, withTrainedWeights } from '../../../../src/core/training/evaluation-model';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { awareTransform } from '../../../../src/core/training/quantization/aware-transform';
import { exportAware } from '../../../../src/core/training/quantization/export-aware';
import { prepareAware } from '../../../../src/core/training/quantization/prepare-aware';
import { trainModel } from '../../../../src/core/training/train-model';
import * as z from 'zod';
import { scratchFolder } from '../../compression/running';
import { accuracyOf, agreementOf, answersOf } from '../quantization/exported';
import { pointSet, smallNetwork } from '../small-network';

const folder = scratchFolder();
const MODEL = smallNetwork(64);
const [TRAIN, TEST] = [pointSet(1024, 2), pointSet(500, 3)];
const WEIGHTS = ['first.weight', 'second.weight'];

interface CompactResult {
  readonly trained: Model;
  /** The float model with the weights as they compute. */
  readonly reference: Model;
  readonly file: string;
}

async function compactly(name: string, options: Partial<TrainStep>): Promise<CompactResult> {
  const context = quietContext();
  const step = trainSchema.parse({ epochs: 12, batch: 64, rate: 0.02, threads: 1, ...options });
  const calibration = TRAIN;
  const quantize = step.quantize && withOneStep(step.quantize, step);
  const aware = quantize && (await prepareAware({ model: MODEL, options: quantize, calibration, file: name, context }));
  const learner = aware?.model ?? MODEL;
  const compact = await compactWeights(learner, step, name);
  if (!compact) throw new Error('a step with zeros or clusters');
  const transforms = [...compact.transforms, ...(aware ? [awareTransform(aware.plan)] : [])];
  const { values } = await trainModel({
    ...{ model: learner, file: name, step, loss: crossEntropy(), transforms, train: TRAIN },
    ...{ selection: pointSet(256, 4), context },
  });
  const closers: (() => Promise<void>)[] = [];
  const whenWritten = (close: () => Promise<void>): number => closers.push(close);
  const settled = compact.settled(values);
  const plain = withTrainedWeights(learner, settled);
  const { model, reference } = aware
    ? await exportAware({ aware, values: settled, compact, calibration, context, whenWritten })
    : { model: await storeCompact(plain, compact, { context, whenWritten }), reference: plain };
  const file = path.join(folder, `${name}.onnx`);
  await formatOf('onnx').write(model, file, { context, publishedAs: file });
  for (const close of closers) await close();
  return { trained: evaluationModel(learner, values, transforms), reference, file };
}

async function weightsOf(model: Model): Promise<Float32Array[]> {
  const reader = await openWeights(model);
  const found: Float32Array[] = [];
  for (const name of WEIGHTS) {
    const weight = model.graph.weights.get(name);
    if (weight) found.push(await readFloats(reader, weight));
  }
  await reader.close();
  return found;
}

const zeros = (values: Float32Array): number => values.filter((value) => value === 0).length;

async function expectSameAnswers({ trained, file }: CompactResult): Promise<void> {
  const [before, after] = [await answersOf(trained, TEST), await answersOf(file, TEST)];
  expect(agreementOf(after, before)).toMatchObject({ same: TEST.length });
  expect(accuracyOf(after, TEST)).toBeGreaterThan(0.9);
}

describe('training with zeros that come and stay', () => {
  it('reaches the level in each tensor, and the file answers as training did', async () => {
    const result = await compactly('pruned', { sparsity: { level: 0.75, begin: 0, end: 0.5 } });
    expect((await weightsOf(result.reference)).map(zeros)).toEqual([96, 96]);
    await expectSameAnswers(result);
    const { graph } = await readModel(result.file);
    expect(graph.weights.get('first.weight')).toBeUndefined();
  });

  it('keeps zeros where weights have 4 bits', async () => {
    const result = await compactly('pruned and quantized', {
      sparsity: { level: 0.5, begin: 0, end: 0.5 },
      quantize: z.object(awareOptions).parse({ weights: 'int4', ends: 'same' }),
    });
    for (const each of await weightsOf(result.reference)) expect(zeros(each)).toBeGreaterThanOrEqual(64);
    await expectSameAnswers(result);
  });
});

describe('training with shared values', () => {
  it.each([1, 2, 4])('has at most 2^%i values in each tensor, and the file answers as training did', async (bits) => {
    const result = await compactly(`clustered ${bits}`, { cluster: { bits, end: 0.7 } });
    for (const each of await weightsOf(result.reference)) expect(new Set(each).size).toBeLessThanOrEqual(2 ** bits);
    await expectSameAnswers(result);
  });

  it('prunes, clusters and quantizes at once: zeros stay, few values stay, activations are integers', async () => {
    const result = await compactly('all', {
      ...{ sparsity: { level: 0.5, begin: 0, end: 0.4 }, cluster: { bits: 3, end: 0.7 } },
      quantize: z.object(awareOptions).parse({ activations: 'uint8', granularity: 'tensor' }),
    });
    for (const each of await weightsOf(result.reference)) {
      expect(zeros(each)).toBeGreaterThanOrEqual(64);
      expect(new Set(each).size).toBeLessThanOrEqual(8);
    }
    const [before, after] = [await answersOf(result.trained, TEST), await answersOf(result.file, TEST)];
    expect(agreementOf(after, before).same / TEST.length).toBeGreaterThanOrEqual(0.997);
    expect(accuracyOf(after, TEST)).toBeGreaterThan(0.9);
  });
});
