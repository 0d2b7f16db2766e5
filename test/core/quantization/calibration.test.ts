import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { groupsThatFit, samplesThatFit } from '../../../src/core/compression/calibration/activation-memory';
import { calibrate } from '../../../src/core/compression/calibration/calibrate';
import { breathe, quietContext, type Progress } from '../../../src/core/progress';
import type { DataSet } from '../../../src/core/evaluation/data';
import type { RangeMethodName } from '../../../src/core/compression/calibration/methods';
import { scratchFolder } from '../compression/running';
import { initializer, model, node, value } from '../compression/models';
import { random, samples } from './networks';

const SHAPE = [2, 3, 3];

/** x, doubled, then the rectified difference to 1. */
const network = (batch: number | string = 'n', shape = SHAPE) =>
  model({
    nodes: [node('Mul', ['x', 'two'], ['m']), node('Sub', ['m', 'one'], ['s']), node('Relu', ['s'], ['y'])],
    weights: [initializer('two', [], Float32Array.of(2)), initializer('one', [], Float32Array.of(1))],
    inputs: [value('x', [batch, ...shape])],
    outputs: [value('y', [batch, ...shape])],
  });

/** Values from -1 to 1 in every sample; sample 37 reaches 5. */
const data = (length: number) =>
  samples(length, 'x', SHAPE, (index) => {
    const sample = random(18, index);
    sample[0] = -1;
    sample[1] = index === 37 ? 5 : 1;
    return sample;
  });

const quiet = { context: quietContext() };

describe('calibration', () => {
  it('finds the smallest and largest value of each tensor, over all batches', async () => {
    const ranges = await calibrate(network(), ['x', 'm', 's', 'y'], data(100), { samples: 100, ...quiet });
    expect(ranges.get('x')).toEqual({ min: -1, max: 5 });
    expect(ranges.get('m')).toEqual({ min: -2, max: 10 });
    expect(ranges.get('s')).toEqual({ min: -3, max: 9 });
    expect(ranges.get('y')).toEqual({ min: 0, max: 9 });
  });

  it('uses no more samples than it is asked for', async () => {
    const set = data(100);
    const ranges = await calibrate(network(), ['x'], set, { samples: 37, ...quiet });
    expect(ranges.get('x')).toEqual({ min: -1, max: 1 });
    expect(set.asked.reduce((a, b) => a + b, 0)).toBe(37);
  });

  it('fills the batch of a model that has a fixed one', async () => {
    const set = data(10);
    const ranges = await calibrate(network(4), ['x'], set, { samples: 10, ...quiet });
    expect(set.asked).toEqual([4, 4, 4]);
    expect(ranges.get('x')).toEqual({ min: -1, max: 1 });
  });

  it('runs sample by sample where an export names the batch but works for one only', async () => {
    const given = model({
      nodes: [node('Reshape', ['x', 'shape'], ['y'])],
      weights: [initializer('shape', [2], BigInt64Array.of(1n, -1n), 'int64')],
      inputs: [value('x', ['n', ...SHAPE])],
      outputs: [value('y', ['n', 18])],
    });
    const set = data(3);
    await calibrate(given, ['y'], set, { samples: 3, ...quiet });
    expect(set.asked).toEqual([3, 1, 1, 1]);
  });

  it('shows NaN wherever in the tensor it hides', async () => {
    for (let at = 0; at < 18; at++) {
      const set = samples(3, 'x', SHAPE, (index) => {
        const sample = random(18, index);
        if (index === 1) sample[at] = NaN;
        return sample;
      });
      const ranges = await calibrate(network(), ['m'], set, { samples: 3, ...quiet });
      expect(ranges.get('m')).toEqual({ min: NaN, max: NaN });
    }
  });

  it('cuts single outliers away with percentiles', async () => {
    const ranges = await calibrate(network('n', [600]), ['x'], wide(), {
      samples: 400,
      method: 'percentile',
      ...quiet,
    });
    expect(ranges.get('x')?.max).toBeLessThan(1.1);
    expect(ranges.get('x')?.min).toBeGreaterThan(-1.1);
  });

  it('finds the same percentiles when memory holds one value of one sample only', async () => {
    const values = ['x', 'm', 's', 'y'];
    const whole = await calibrate(network(), values, data(60), { samples: 60, method: 'percentile', ...quiet });
    const set = data(60);
    const tight = await calibrate(network(), values, set, { samples: 60, method: 'percentile', memory: 1, ...quiet });
    expect(tight).toEqual(whole);
    expect(Math.max(...set.asked)).toBe(1);
  });

  it('says how far it is, in images, and stops between runs', async () => {
    const steps: Progress[] = [];
    const controller = new AbortController();
    const context = {
      signal: controller.signal,
      progress: (step: Progress) => {
        steps.push(step);
        if (step.done >= 64) controller.abort();
      },
    };
    await expect(calibrate(network(), ['x'], data(1000), { samples: 1000, context })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect(steps[0]).toEqual({ stage: 'Calibrating', done: 32, total: 1000, unit: 'images' });
    expect(steps).toHaveLength(2);
  });

  it('holds as little after 2,000 samples as after 100', async () => {
    const few = await mostBatchesAlive(100);
    const many = await mostBatchesAlive(2000);
    expect(few).toBeGreaterThan(0);
    expect(many).toBeLessThanOrEqual(few + 1);
  });
});

describe('a calibration that was interrupted', () => {
  const folder = scratchFolder();
  const values = ['x', 'm', 's', 'y'];
  const TOTAL = 200;
  let files = 0;
  const fresh = (): string => path.join(folder, `checkpoint ${files++}.json`);

  /** Stops after some samples; what was asked for is in the set. */
  async function interrupted(method: RangeMethodName, checkpoint: string, after: number): Promise<void> {
    const controller = new AbortController();
    const progress = ({ done }: Progress): void => {
      if (done >= after) controller.abort();
    };
    const context = { signal: controller.signal, progress };
    const stopped = calibrate(network(), values, data(TOTAL), {
      samples: TOTAL,
      method,
      checkpoint,
      memory: 4000,
      context,
    });
    await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
  }

  const whole = (method: RangeMethodName, checkpoint?: string, set = data(TOTAL)) =>
    calibrate(network(), values, set, {
      samples: TOTAL,
      method,
      memory: 4000,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...quiet,
    });

  it.each(['minmax', 'moving-average', 'percentile', 'entropy', 'mse'] as const)(
    'goes on where it was, and finds the same ranges: %s',
    async (method) => {
      const checkpoint = fresh();
      await interrupted(method, checkpoint, 90);
      expect(existsSync(checkpoint)).toBe(true);
      const set = data(TOTAL);
      expect(await whole(method, checkpoint, set)).toEqual(await whole(method));
      expect(set.asked.reduce((a, b) => a + b, 0)).toBeLessThan(TOTAL);
      expect(existsSync(checkpoint)).toBe(false);
    },
  );

  it('begins again when the file is damaged, or of another calibration', async () => {
    const expected = await whole('minmax');
    const damaged = fresh();
    writeFileSync(damaged, '{"purpose":');
    expect(await whole('minmax', damaged)).toEqual(expected);
    const other = fresh();
    await interrupted('entropy', other, 90);
    const set = data(TOTAL);
    expect(await whole('minmax', other, set)).toEqual(expected);
    expect(set.asked.reduce((a, b) => a + b, 0)).toBe(TOTAL);
  });
});

/** 240,000 values within 1, and one of 100. */
function wide(): DataSet {
  return samples(400, 'x', [600], (index) => {
    const sample = random(600, index);
    if (index === 7) sample[3] = 100;
    return sample;
  });
}

/** The most tensors of earlier batches that are still held when a new batch is asked for. */
async function mostBatchesAlive(length: number): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const set = data(length);
  const held: WeakRef<object>[] = [];
  let most = 0;
  const watched: DataSet = {
    ...set,
    batch: async (indices) => {
      await breathe();
      collectGarbage();
      const batch = await set.batch(indices);
      for (const tensor of Object.values(batch.inputs)) held.push(new WeakRef(tensor));
      most = Math.max(most, held.filter((each) => each.deref() !== undefined).length);
      return batch;
    },
  };
  await calibrate(network(), ['x', 'm', 's', 'y'], watched, { samples: length, ...quiet });
  return most;
}

describe('the memory of calibration', () => {
  it('groups values so that one sample of a group fits', () => {
    const bytes = new Map([
      ['a', 60],
      ['b', 30],
      ['c', 200],
      ['d', 10],
    ]);
    expect(groupsThatFit(bytes, 100)).toEqual([['a', 'b'], ['c'], ['d']]);
    expect(samplesThatFit(bytes, 1000)).toBe(3);
    expect(samplesThatFit(bytes, 10)).toBe(1);
  });
});
