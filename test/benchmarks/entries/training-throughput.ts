import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crossEntropy } from '../../../src/core/training/losses/cross-entropy';
import { batchDims } from '../../../src/core/training/model-inputs';
import { adam } from '../../../src/core/training/optimizers/adam';
import { cosine } from '../../../src/core/training/schedules/shapes';
import { checkpointFile } from '../../../src/core/training/trainer/checkpoint-file';
import { runTraining, type TrainerParts } from '../../../src/core/training/trainer/trainer';
import { buildTrainingGraph } from '../../../src/core/training/training-graph';
import { fashionBatches } from './fashion-batches';
import { argument, printMeasured } from './measured';
import { stepModel } from './step-graph';

/** Steps before anything counts. */
const WARMING = 20;
/** Twice an epoch, where training saves once: what is lost is an upper bound. */
const CHECKPOINT_EVERY = 200;

/**
 * `SHARED NETWORK main|thread bare|watched BATCH THREADS STEPS`: training steps with their batches. `watched`: each step
 * is told as a line of JSON, and checkpoints are written to a file.
 */
async function main(): Promise<void> {
  const [size, threads, steps] = [4, 5, 6].map((index) => Number(argument(index))) as [number, number, number];
  const place = argument(2) === 'thread' ? 'thread' : 'main';
  const { model, batches, close } = await fashionBatches(argument(0), argument(1), size, place);
  const { learned, running } = await stepModel(model);
  const graph = buildTrainingGraph(model, {
    ...{ dims: batchDims(model, size), mode: { normalization: 'training', dropout: true }, learned, running },
    ...{ loss: crossEntropy(), optimizer: adam({ decoupled: true }) },
  });
  let [began, ended] = [0, 0];
  const folder = mkdtempSync(path.join(tmpdir(), 'edgewise-throughput-'));
  let [told, watchingMs, checkpoints] = [0, 0, 0];
  const file = checkpointFile(path.join(folder, 'training.checkpoint'), 'benchmark');
  const watched: Partial<TrainerParts> = {
    checkpoints: {
      read: () => file.read(),
      async write(checkpoint) {
        const start = performance.now();
        await file.write(checkpoint);
        watchingMs += performance.now() - start;
        if (ended === 0) checkpoints += 1;
      },
    },
    onEvent: (event) => {
      const start = performance.now();
      told += JSON.stringify(event).length;
      watchingMs += performance.now() - start;
    },
  };
  const context = {
    signal: new AbortController().signal,
    progress: ({ done }: { readonly done: number }) => {
      if (done === WARMING) began = performance.now();
      if (done === WARMING + steps) ended = performance.now();
    },
  };
  await runTraining(
    {
      ...{
        epochs: (WARMING + steps + 1) / batches.stepsPerEpoch,
        rate: 1e-3,
        schedule: cosine(),
        accumulate: 1,
        seed: 1,
      },
      ...{ threads, checkpointEvery: CHECKPOINT_EVERY },
    },
    { graph, batches, context, ...(argument(3) === 'watched' ? watched : {}) },
  );
  await close();
  rmSync(folder, { recursive: true });
  const ms = ended - began;
  printMeasured(ms, { imagesPerSecond: (1000 * size * steps) / ms, told, watchingMs, checkpoints });
}

void main();
