import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { quietContext } from '../../../../src/core/progress';
import { batchesOf } from '../../../../src/core/training/batches/from-data-set';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { judge } from '../../../../src/core/evaluation/judge';
import { openSession } from '../../../../src/core/runtime/session';
import { readFloats } from '../../../../src/core/compression/graph/float-weights';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { batchDims } from '../../../../src/core/training/model-inputs';
import { adam } from '../../../../src/core/training/optimizers/adam';
import { cosine } from '../../../../src/core/training/schedules/shapes';
import { trainableWeights } from '../../../../src/core/training/trainable';
import { checkpointFile } from '../../../../src/core/training/trainer/checkpoint-file';
import { runTraining, type TrainerParts } from '../../../../src/core/training/trainer/trainer';
import type { TrainingOutcome, TrainingPlan } from '../../../../src/core/training/trainer/plan';
import { buildTrainingGraph } from '../../../../src/core/training/training-graph';
import { withTrainedWeights } from '../../../../src/core/training/evaluation-model';
import { pointSet, smallNetwork } from '../small-network';

const folder = mkdtempSync(path.join(tmpdir(), 'edgewise-trainer-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const MODEL = smallNetwork(32);
const TRAIN = pointSet(1024, 2);
const SELECTION = pointSet(256, 3);

async function accuracyOf(values: ReadonlyMap<string, Float32Array>): Promise<number> {
  const session = await openSession(await encodeOnnx(withTrainedWeights(MODEL, values)));
  try {
    const request = { set: SELECTION, reference: null, referenceOutputs: null, extra: [], stage: 'Evaluating' };
    const { judged } = await judge(session, { ...request, context: quietContext() });
    return judged.value ?? 0;
  } finally {
    await session.close();
  }
}

async function train(
  plan: Partial<TrainingPlan> = {},
  parts: Partial<TrainerParts> = {},
  size = 64,
): Promise<TrainingOutcome> {
  const weights = await openWeights(MODEL);
  const learned = new Map<string, Float32Array>();
  for (const weight of trainableWeights(MODEL).learned) learned.set(weight.name, await readFloats(weights, weight));
  await weights.close();
  const graph = buildTrainingGraph(MODEL, {
    ...{
      dims: batchDims(MODEL, size),
      mode: { normalization: 'training', dropout: true },
      learned,
      running: new Map(),
    },
    ...{ loss: crossEntropy(), optimizer: adam({ decoupled: true }) },
    update: { accumulate: plan.accumulate ?? 1, clipNorm: 1, weightDecay: 1e-4, average: null },
  });
  const batches = batchesOf(TRAIN, { size, seed: 5, fed: graph.fed.map(({ name }) => name) });
  return runTraining(
    { epochs: 16, rate: 0.02, schedule: cosine(), accumulate: 1, seed: 5, threads: 1, ...plan },
    { graph, batches, evaluate: accuracyOf, context: quietContext(), ...parts },
  );
}

describe('training a small network', () => {
  it('learns, and keeps the weights that were best on samples for choosing', async () => {
    const { values, curves, bestValue, steps, ended } = await train();
    expect(bestValue).toBeGreaterThan(0.95);
    expect(await accuracyOf(values)).toBe(bestValue);
    expect(curves.loss.at(-1)?.value).toBeLessThan((curves.loss[0]?.value ?? 0) / 3);
    expect(steps).toBe(16 * 16);
    expect(ended).toBe('finished');
  });

  it('gives the same numbers for the same seed', async () => {
    const [first, second] = [await train({ epochs: 2 }), await train({ epochs: 2 })];
    expect([...second.values]).toEqual([...first.values]);
  });

  it('goes on from a checkpoint to the same numbers', async () => {
    const whole = await train({ epochs: 3 });
    const store = checkpointFile(path.join(folder, 'resume.checkpoint'), 'same');
    let steps = 0;
    const stopping = {
      ready: () => Promise.resolve(),
      get stopped() {
        return ++steps > 20;
      },
    };
    await train({ epochs: 3, checkpointEvery: 10 }, { checkpoints: store, control: stopping });
    const resumed = await train({ epochs: 3 }, { checkpoints: store });
    expect([...resumed.values]).toEqual([...whole.values]);
    expect(resumed.curves.selection).toEqual(whole.curves.selection);
  });

  it('passes over a checkpoint of another training', async () => {
    const file = path.join(folder, 'other.checkpoint');
    await train({ epochs: 1 }, { checkpoints: checkpointFile(file, 'one') });
    expect(await checkpointFile(file, 'two').read()).toBeNull();
    expect((await checkpointFile(file, 'one').read())?.step).toBe(16);
  });

  it('accumulates: two batches of 32 are one of 64', async () => {
    const whole = await train({ epochs: 2 });
    const halves = await train({ epochs: 2, accumulate: 2 }, {}, 32);
    for (const [name, values] of whole.values)
      halves.values.get(name)?.forEach((value, index) => {
        expect(value).toBeCloseTo(values[index] ?? NaN, 4);
      });
  });

  it('ends early when nothing better comes', async () => {
    const { ended, steps } = await train({ epochs: 50, rate: 0, patience: 2 });
    expect(ended).toBe('early');
    expect(steps).toBe(3 * 16);
  });

  it('names the layer that overflowed first when the loss is no number', async () => {
    await expect(train({ epochs: 8, rate: 1e30 })).rejects.toThrow(
      /not a number at step \d+: values overflowed first in layer "(first|second)"/,
    );
  });
});
