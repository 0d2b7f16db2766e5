import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import type { BatchSource } from '../../../../src/core/training/batches/batch-source';
import {
  openTrainingData,
  type DataOpening,
  type OpenedData,
} from '../../../../src/core/training/batches/data-opening';
import { batchesOf, type BatchOptions } from '../../../../src/core/training/batches/from-data-set';
import { openBatches } from '../../../../src/core/training/batches/open-batches';
import { LABELS, MIXED_LABELS, SHARE } from '../../../../src/core/training/losses/loss';
import { npz } from '../../data/files';
import { errorOf, scratchFolder } from '../../formats/scratch';
import { seeded } from '../gradients/check';
import { bundleWorker, type WorkerBundle } from './worker-bundle';

const folder = scratchFolder();
const SAMPLES = 1800;
const IMAGE = { name: 'image', dtype: 'float32', shape: ['batch', 1, 28, 28] };

/** Pictures and labels in a file; `broken` makes the last picture one that no input can take. */
function opening(name: string, broken = false): DataOpening {
  const random = seeded(9);
  const values = Float32Array.from({ length: SAMPLES * 784 }, random);
  if (broken) values.fill(NaN, (SAMPLES - 1) * 784);
  folder.write(
    name,
    npz({
      image: { shape: [SAMPLES, 1, 28, 28], values },
      labels: { shape: [SAMPLES], values: BigInt64Array.from({ length: SAMPLES }, (_, index) => BigInt(index % 10)) },
    }),
  );
  return {
    section: { train: name, input: { mean: 0.5, deviation: 0.25 } },
    ...{ base: folder.path('.'), inputs: [IMAGE], options: { training: true, calibrationSamples: 100 }, seed: 3 },
  };
}

const PLAN: BatchOptions = {
  ...{ size: 64, seed: 3, fed: [LABELS, MIXED_LABELS, SHARE] },
  augment: { flip: true, shift: 2, crop: 0.6, mixup: 0.3 },
};

let worker: WorkerBundle;
let data: DataOpening;
let opened: OpenedData;
beforeAll(async () => {
  worker = bundleWorker();
  data = opening('train.npz');
  opened = await openTrainingData(data);
});
afterAll(async () => {
  await opened.close();
  worker.remove();
});

function inWorker(options: BatchOptions = PLAN, signal = new AbortController().signal): BatchSource {
  return openBatches(opened.set, options, { opening: data, signal, workerFile: worker.file });
}

/** What a step is fed: names, types, shapes, and every byte. */
function digest(feeds: Readonly<Record<string, Tensor>>): readonly string[] {
  return Object.entries(feeds).map(
    ([
      name,
      {
        dtype,
        shape,
        data: { buffer, byteOffset, byteLength },
      },
    ]) => {
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      return `${name} ${dtype} [${shape.join()}] ${createHash('sha256').update(bytes).digest('hex')}`;
    },
  );
}

describe('batches from a thread of their own', () => {
  it('are the main thread’s, number by number, over the end of an epoch', async () => {
    const [there, here] = [inWorker(), batchesOf(opened.set, PLAN)];
    try {
      expect([there.size, there.stepsPerEpoch]).toEqual([here.size, here.stepsPerEpoch]);
      for (let step = 0; step < here.stepsPerEpoch + 3; step++)
        expect(digest(await there.feeds(step))).toEqual(digest(await here.feeds(step)));
    } finally {
      await there.close();
    }
  });

  it('begin at any step, as after a checkpoint, and anew', async () => {
    const [there, here] = [inWorker(), batchesOf(opened.set, PLAN)];
    try {
      for (const step of [17, 18, 5, 6, 7, 90])
        expect(digest(await there.feeds(step))).toEqual(digest(await here.feeds(step)));
    } finally {
      await there.close();
    }
  });

  it('are shown to who adds a teacher’s answers, which stay on this thread', async () => {
    const seen: number[] = [];
    const there = inWorker({
      ...PLAN,
      also: ({ positions, inputs }) => {
        seen.push(positions.length);
        return Promise.resolve({
          teacher_y: inputs['image'] ?? { dtype: 'float32', shape: [0], data: new Float32Array() },
        });
      },
    });
    try {
      const feeds = await there.feeds(0);
      expect(feeds['teacher_y']).toBe(feeds['image']);
      expect(seen).toEqual([64]);
    } finally {
      await there.close();
    }
  });
});

describe('what goes wrong in the thread', () => {
  it('arrives as the error that the main thread would have thrown', async () => {
    const broken = opening('broken.npz', true);
    const there = openBatches(opened.set, PLAN, {
      ...{ opening: broken, signal: new AbortController().signal, workerFile: worker.file },
    });
    const steps = async (source: BatchSource): Promise<void> => {
      for (let step = 0; step < source.stepsPerEpoch; step++) await source.feeds(step);
    };
    const here = await openTrainingData(broken);
    const expected = await errorOf(steps(batchesOf(here.set, PLAN)));
    const error = await errorOf(steps(there));
    expect(expected.message).toContain('NaN');
    expect([error.kind, error.message, error.file]).toEqual([expected.kind, expected.message, expected.file]);
    // And again, for who asks again.
    expect((await errorOf(there.feeds(0))).message).toBe(expected.message);
    await there.close();
    await here.close();
  });

  it('is told when the data are other than they were', async () => {
    const there = openBatches(opened.set, PLAN, {
      opening: { ...data, section: { train: { path: 'train.npz', limit: 1200 } } },
      ...{ signal: new AbortController().signal, workerFile: worker.file },
    });
    const error = await errorOf(there.feeds(0));
    expect(error.kind).toBe('changed');
    await there.close();
  });

  it('is told when the data are gone', async () => {
    const there = openBatches(opened.set, PLAN, {
      opening: { ...data, section: { train: 'gone.npz' } },
      ...{ signal: new AbortController().signal, workerFile: worker.file },
    });
    expect((await errorOf(there.feeds(0))).kind).toBe('not-found');
    await there.close();
  });
});

describe('ending', () => {
  it('a cancel is told to who waits for a batch', async () => {
    const controller = new AbortController();
    const there = inWorker(PLAN, controller.signal);
    const waiting = there.feeds(0);
    controller.abort();
    expect((await errorOf(waiting)).kind).toBe('cancelled');
    await there.close();
  });

  it('a cancel before the beginning is one, too', async () => {
    const there = inWorker(PLAN, AbortSignal.abort());
    expect((await errorOf(there.feeds(0))).kind).toBe('cancelled');
    await there.close();
  });

  it('closing ends the thread, also with batches under way', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    const there = inWorker();
    await there.feeds(0);
    await there.close();
    const after = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    expect(after).toBe(before);
  });
});

describe('where no thread is used', () => {
  it('the main one prepares the same: no worker beside the sources', async () => {
    const source = openBatches(opened.set, PLAN, { opening: data, signal: new AbortController().signal });
    expect(digest(await source.feeds(4))).toEqual(digest(await batchesOf(opened.set, PLAN).feeds(4)));
    await source.close();
  });

  it('what is wrong with the set is told before any thread is started', () => {
    expect(() => inWorker({ ...PLAN, size: 5000 })).toThrow('fewer than a batch of 5000');
  });

  it('the worker brings neither the runtime nor the editor', () => {
    expect(readFileSync(worker.file, 'utf8')).not.toMatch(/require\("(onnxruntime-node|vscode)"\)/);
  });
});
