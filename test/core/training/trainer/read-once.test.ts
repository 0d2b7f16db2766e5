import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOnce, type Checkpoint } from '../../../../src/core/training/trainer/checkpoint';
import { checkpointFile } from '../../../../src/core/training/trainer/checkpoint-file';
import { GrowingCurves } from '../../../../src/core/training/trainer/curves';
import { scratchFolder } from '../../compression/running';

const folder = scratchFolder();
const CHECKPOINT: Checkpoint = {
  ...{ step: 3, best: null, waited: 0, schedule: [], forms: [], trainingMs: 1, samples: 96 },
  ...{ vectors: new Map([['weights', Float32Array.of(1, 2)]]), curves: new GrowingCurves().save() },
};

describe('a checkpoint that two ask for when a training begins', () => {
  it('is read once for both, and anew for others', async () => {
    const file = path.join(folder, 'training.checkpoint');
    await checkpointFile(file, 'one').write(CHECKPOINT);
    const store = readOnce(checkpointFile(file, 'one'));
    const first = await store.read();
    expect(first).toMatchObject({ step: 3, samples: 96 });
    await rm(file);
    expect(await store.read()).toBe(first);
    expect(await store.read()).toBeNull();
  });
});
