import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDigits } from '../../../scripts/digits.mjs';
import { compareModels } from '../../../src/core/evaluation/measure';
import { measurementSchema } from '../../../src/core/evaluation/measurement.schema';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { quietContext, type JobContext, type Progress } from '../../../src/core/progress';
import type { Weight } from '../../../src/core/model/model';
import { hasShared, sharedPath } from '../../shared';
import { initializer, int, model, node, value, type GraphParts } from '../compression/models';
import { idx, npz } from '../data/files';
import { errorOf, isSentence, scratchFolder, seeded } from '../formats/scratch';
import { measured, withTest } from './judging';

const example = path.resolve(__dirname, '../../../examples/digits');
const folder = scratchFolder();

describe('the example', () => {
  const digits = path.join(example, 'digits.onnx');
  beforeAll(() => makeDigits(path.join(example, 'data')));

  it('is right on at least 98 % of 2,500 digits it was not trained on', async () => {
    await withTest('data/test.npz', example, digits, async (test) => {
      const { measurement, answers, classes } = await measured(digits, test, { latency: true });
      expect(measurementSchema.parse(measurement)).toEqual(measurement);
      expect(measurement).toMatchObject({ metric: 'accuracy', samples: 2500, bytes: readFileSync(digits).length });
      expect(measurement.value).toBeGreaterThanOrEqual(0.98);
      expect(measurement.interval?.[0]).toBeLessThan(measurement.value ?? 0);
      expect(measurement.interval?.[1]).toBeGreaterThan(measurement.value ?? 1);
      expect(measurement.gzipBytes).toBe(gzipSync(readFileSync(digits)).length);
      expect(measurement.parameters).toBe(93_178);
      expect(measurement.loadMs).toBeGreaterThan(0);
      const { median = 0, p95 = 0, runs = 0, batch } = measurement.latencyMs ?? {};
      expect(median).toBeGreaterThan(0);
      expect(p95).toBeGreaterThanOrEqual(median);
      expect(runs).toBeGreaterThanOrEqual(5);
      expect(batch).toBe(1);
      expect(answers).toHaveLength(2500);
      expect(classes).toBe(10);
    });
  });

  it('is timed in turns with another file, also on random values', async () => {
    const context = quietContext();
    const latencies = await compareModels(digits, digits, { test: null, context, threads: 1 });
    expect(latencies?.before.threads).toBe(1);
    expect(latencies?.before.runs).toBeGreaterThanOrEqual(5);
    expect(latencies?.after.runs).toBeGreaterThanOrEqual(5);
  });

  it('stops when it is cancelled', async () => {
    const stop = new AbortController();
    const steps: Progress[] = [];
    const context: JobContext = {
      signal: stop.signal,
      progress: (step) => {
        steps.push(step);
        if (step.done >= 64) stop.abort();
      },
    };
    await withTest('data/test.npz', example, digits, async (test) => {
      expect((await errorOf(measured(digits, test, { context }))).kind).toBe('cancelled');
    });
    expect(steps.map(({ done }) => done)).toEqual([32, 64]);
    expect(steps[0]).toEqual({ stage: 'Measuring digits.onnx', done: 32, total: 2500, unit: 'images' });
  });
});

function centred(count: number, seed: number): Float32Array {
  const random = seeded(seed);
  return Float32Array.from({ length: count }, () => random() - 0.5);
}

const weights = (): Weight => initializer('w', [4, 3], centred(12, 5));

/** Scores of 3 classes from 4 numbers: `x · w`. */
async function classifier(name: string, batch: number | string, parts: Partial<GraphParts> = {}): Promise<string> {
  const product: GraphParts = {
    nodes: [node('MatMul', ['x', 'w'], ['y'])],
    weights: [weights()],
    inputs: [value('x', [batch, 4])],
    outputs: [value('y', [batch, 3])],
  };
  return folder.write(name, await encodeOnnx(model({ ...product, ...parts })));
}

const samples = { shape: [11, 4], values: centred(44, 9) };

describe('answers', () => {
  const base = folder.path('.');
  const unlabelled = folder.write('x.npz', npz({ x: samples })) && 'x.npz';

  async function answersOf(file: string): Promise<number[]> {
    return withTest(unlabelled, base, file, async (test) => [...((await measured(file, test)).answers ?? [])]);
  }

  it('are the same for a free batch, one at a time, and a fixed batch whose last run is filled up', async () => {
    const free = await answersOf(await classifier('free.onnx', 'batch'));
    expect(new Set(free).size).toBeGreaterThan(1);
    expect(await answersOf(await classifier('one.onnx', 1))).toEqual(free);
    expect(await answersOf(await classifier('four.onnx', 4))).toEqual(free);
  });

  it('come one at a time from a model that names its batch and takes only one', async () => {
    const shape = initializer('shape', [2], BigInt64Array.of(1n, 4n), 'int64');
    const free = await answersOf(await classifier('free.onnx', 'batch'));
    const nodes = [node('Reshape', ['x', 'shape'], ['flat']), node('MatMul', ['flat', 'w'], ['y'])];
    const stubborn = await classifier('stubborn.onnx', 'batch', { nodes, weights: [shape, weights()] });
    expect(await answersOf(stubborn)).toEqual(free);
  });

  it('without labels, agree with a reference or are one', async () => {
    const file = await classifier('free.onnx', 'batch');
    await withTest(unlabelled, base, file, async (test) => {
      const original = await measured(file, test);
      expect(original.measurement).toMatchObject({ metric: null, value: null, samples: 11 });
      expect(original.measurement.reason).toMatch(/no labels: this model is the reference/);
      const reference = Int32Array.from(original.answers ?? []);
      reference[0] = ((reference[0] ?? 0) + 1) % 3;
      const { measurement } = await measured(file, test, { reference });
      expect(measurement).toMatchObject({ metric: 'fidelity', value: 10 / 11, samples: 11 });
    });
  });

  it('are not measured without data, nor for models that give no class scores', async () => {
    const file = await classifier('free.onnx', 'batch');
    const { measurement, answers } = await measured(file, null);
    expect(measurement).toMatchObject({
      metric: null,
      samples: 0,
      reason: 'Accuracy is not measured: no test data was given.',
    });
    expect(answers).toBeNull();
    const maps = await classifier('maps.onnx', 'batch', {
      nodes: [node('Unsqueeze', ['x', 'axes'], ['wide']), node('Concat', ['wide', 'wide'], ['y'], { axis: int(1) })],
      outputs: [value('y', ['batch', 2, 4])],
      weights: [initializer('axes', [1], BigInt64Array.of(1n), 'int64')],
    });
    await withTest(unlabelled, base, maps, async (test) => {
      const { measurement: none } = await measured(maps, test);
      expect(none.metric).toBeNull();
      expect(none.reason).toMatch(/no output is class scores \[batch, classes\] \(y \[batch, 2, 4\]\)/);
    });
  });

  it('with labels that no class has are refused', async () => {
    const file = await classifier('free.onnx', 'batch');
    const labels = { shape: [11], values: Uint8Array.from({ length: 11 }, (_, index) => index % 4) };
    folder.write('far.npz', npz({ x: samples, labels }));
    await withTest('far.npz', base, file, async (test) => {
      const error = await errorOf(measured(file, test));
      expect(error.message).toMatch(/"far\.npz" gives sample 3 the label 3\. There are 3 classes, 0 to 2/);
      expect(isSentence(error.message)).toBe(true);
    });
  });
});

describe.skipIf(!hasShared('Accuracy of the zoo', 'zoo'))(
  'the zoo, as PyTorch and ONNX Runtime’s Python measure it',
  () => {
    const fashion = sharedPath('data', 'fashion-mnist');

    async function accuracyOf(name: string, test: string, base: string): Promise<number | null> {
      const file = sharedPath('zoo', name, `${name}.onnx`);
      return withTest(test, base, file, async (set) => (await measured(file, set)).measurement.value);
    }

    it('lenet5 is right on 9,112 of 10,000', async () => {
      expect(await accuracyOf('lenet5', 't10k-images-idx3-ubyte.gz', fashion)).toBe(0.9112);
    });

    it.each([
      ['mobilenet_small', 931],
      ['resnet14', 946],
    ])('%s is right on %i of the first 1,000', async (name, right) => {
      const unpacked = (file: string): Buffer => gunzipSync(readFileSync(path.join(fashion, file)));
      folder.write('images.idx', idx([1000, 28, 28], unpacked('t10k-images-idx3-ubyte.gz').subarray(16, 16 + 784_000)));
      folder.write('labels.idx', idx([1000], unpacked('t10k-labels-idx1-ubyte.gz').subarray(8, 1008)));
      expect(await accuracyOf(name, 'images.idx', folder.path('.'))).toBe(right / 1000);
    });
  },
);
