import { describe, expect, it } from 'vitest';
import { classResults } from '../../../src/core/evaluation/class-results';
import { measurementSchema, type Measurement } from '../../../src/core/evaluation/measurement.schema';
import { concordance } from '../../../src/core/evaluation/metrics/correlation';
import { klDivergence } from '../../../src/core/evaluation/metrics/divergence';
import { npz } from '../data/files';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { identity, measured, sines, withTest } from './judging';

// What metrics should be was computed with NumPy 2.4 and SciPy 1.17 from the same numbers.

const folder = scratchFolder();
const base = folder.path('.');
const outputs = sines(60, 1.3);
const targets = sines(60, 0.7);
const labels = { shape: [10], values: Uint8Array.from({ length: 10 }, (_, index) => index % 6) };
const x = { shape: [10, 6], values: outputs };

function figure({ metrics = [] }: Measurement, name: string): { value: number; interval: number[] } {
  const found = metrics.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return { value: found.value, interval: [...(found.interval ?? [])] };
}

function expectClose(actual: { value: number | null; interval?: readonly number[] | null }, expected: number[]): void {
  const [value = NaN, ...interval] = expected;
  expect(actual.value).toBeCloseTo(value, 6);
  interval.forEach((limit, index) => expect(actual.interval?.[index]).toBeCloseTo(limit, 6));
}

describe('a classifier', () => {
  it('is judged by its first answer, its first five, and class by class', async () => {
    const file = folder.write('six.onnx', await identity(['batch', 6]));
    folder.write('labelled.npz', npz({ x, labels }));
    await withTest('labelled.npz', base, file, async (test) => {
      const { measurement, scores } = await measured(file, test);
      expect(measurement).toMatchObject({ metric: 'accuracy', value: 0, samples: 10 });
      expect(figure(measurement, 'top-5').value).toBe(0.9);
      expect(scores).toEqual(new Float64Array(10));
      // argmax is 5 4 3 2 5 4 3 2 5 4
      expect(measurement.classes?.perClass.map(({ answered }) => answered)).toEqual([0, 0, 2, 2, 3, 3]);
      expect(measurement.classes?.perClass.map(({ samples }) => samples)).toEqual([2, 2, 2, 2, 1, 1]);
      expect(measurement.classes?.confusion?.[0]).toEqual([0, 0, 0, 1, 0, 1]);
      expect(measurementSchema.parse(measurement)).toEqual(measurement);
    });
  });

  it('is compared with the original’s probabilities', async () => {
    const file = folder.write('six.onnx', await identity(['batch', 6]));
    folder.write('labelled.npz', npz({ x, labels }));
    const referenceOutputs = { samples: 10, outputs: new Map([['y', { size: 6, values: targets }]]) };
    await withTest('labelled.npz', base, file, async (test) => {
      const { measurement } = await measured(file, test, { referenceOutputs });
      expectClose(figure(measurement, 'KL divergence from the original'), [0.3908580086, 0.2172935409, 0.5644224765]);
      expectClose(figure(measurement, 'similarity to the original (cosine)'), [-0.0215074414, -0.3341876557]);
    });
  });

  it('has probabilities compared as they are, and a zero among them costs much and not everything', () => {
    expect(klDivergence(Float64Array.of(0.5, 0.5), Float64Array.of(0.25, 0.75))).toBeCloseTo(0.1438410362, 9);
    expect(klDivergence(Float64Array.of(1, 0), Float64Array.of(0, 1))).toBeCloseTo(-Math.log(1e-12), 9);
  });

  it('of very many classes has no matrix, but the pairs that are taken for each other', () => {
    const answers = Int32Array.of(7, 7, 3, -1);
    const found = classResults(answers, Int32Array.of(2, 2, 3, 4), 101, null);
    expect(found?.confusion).toBeNull();
    expect(found?.confused).toEqual([{ label: 2, answer: 7, samples: 2 }]);
    expect(found?.perClass[3]).toEqual({ name: '3', samples: 1, answered: 1, correct: 1 });
  });
});

describe('a model of values', () => {
  it('is judged by its errors against target_<output>', async () => {
    const file = folder.write('six.onnx', await identity(['batch', 6]));
    folder.write('targets.npz', npz({ x, target_y: { shape: [10, 6], values: targets } }));
    await withTest('targets.npz', base, file, async (test) => {
      const { measurement, answers } = await measured(file, test);
      expect(answers).toBeNull();
      expect(measurement).toMatchObject({
        metric: 'mean-absolute-error',
        headline: { name: 'mean absolute error', unit: 'number', better: 'lower' },
        samples: 10,
      });
      expectClose(measurement, [0.837407254, 0.6619301136, 1.0128843945]);
      expectClose(figure(measurement, 'mean squared error'), [1.0442703977, 0.7026432331, 1.3858975624]);
    });
  });

  it('is told in one sentence where targets are of another shape', async () => {
    const file = folder.write('six.onnx', await identity(['batch', 6]));
    folder.write('short.npz', npz({ x, target_y: { shape: [10, 3], values: targets.subarray(0, 30) } }));
    const { message } = await withTest('short.npz', base, file, (test) => errorOf(measured(file, test)));
    expect(message).toBe(
      '"short.npz" has targets of [3] for the output y, which gives [6]. Save target_y in the output\'s shape.',
    );
    folder.write('few.npz', npz({ x, target_y: { shape: [9, 6], values: targets.subarray(0, 54) } }));
    const few = await errorOf(withTest('few.npz', base, file, (test) => measured(file, test)));
    expect(few.message).toMatch(/^Array target_y of "few\.npz" holds 9 targets for 10 samples\. /);
    expect(isSentence(few.message)).toBe(true);
  });

  it('without targets is the reference, and others are held against its outputs', async () => {
    const file = folder.write('maps.onnx', await identity(['batch', 2, 3]));
    folder.write('maps.npz', npz({ x: { shape: [10, 2, 3], values: outputs } }));
    await withTest('maps.npz', base, file, async (test) => {
      const original = await measured(file, test);
      expect(original.measurement.metric).toBeNull();
      expect(original.measurement.reason).toMatch(/Its outputs are what a compressed model is compared with\.$/);
      expect(original.outputs?.outputs.get('y')?.values).toEqual(outputs);
      const same = await measured(file, test, { referenceOutputs: original.outputs });
      expect(same.measurement).toMatchObject({ metric: 'similarity', samples: 10 });
      expect(same.measurement.value).toBeCloseTo(1, 12);
      const other = { samples: 10, outputs: new Map([['y', { size: 6, values: targets }]]) };
      const { measurement } = await measured(file, test, { referenceOutputs: other });
      expectClose(measurement, [-0.0215074414, -0.3341876557, 0.2911727729]);
      expectClose(figure(measurement, 'relative error to the original'), [1.4080172343, 1.1603249072, 1.6557095613]);
    });
  });

  it('of one number a sample is held against the original over all samples: a cosine would be 1 or -1', async () => {
    const file = folder.write('one.onnx', await identity(['batch', 1]));
    folder.write('one.npz', npz({ x: { shape: [10, 1], values: outputs.subarray(0, 10) } }));
    const original = Float32Array.from(
      targets.subarray(0, 10),
      (one, at) => 0.1 * one + 0.9 * (outputs[at] ?? 0) + 0.2,
    );
    const referenceOutputs = { samples: 10, outputs: new Map([['y', { size: 1, values: original }]]) };
    await withTest('one.npz', base, file, async (test) => {
      const { measurement } = await measured(file, test, { referenceOutputs });
      expect(measurement).toMatchObject({
        metric: 'similarity',
        headline: { name: 'correlation with the original (concordance)', better: 'higher' },
        interval: null,
        samples: 10,
      });
      expect(measurement.value).toBeCloseTo(0.9453734337, 6);
      expect(measurement.metrics?.some(({ name }) => name.includes('cosine'))).toBe(false);
      const same = await measured(file, test, { referenceOutputs: (await measured(file, test)).outputs });
      expect(same.measurement.value).toBe(1);
    });
  });

  it.each([
    [[1, 2, 3], [1, 2, 3], 1],
    [[1, 2, 3], [3, 2, 1], -1],
    [[5, 5], [5, 5], 1],
    [[5, 5], [6, 6], 0],
    // 2 (2/3) / (2/3 + 2/3 + 1): shifted by one.
    [[1, 2, 3], [2, 3, 4], 4 / 7],
  ])('%j agrees with %j by %d', (one, other, value) => {
    expect(concordance(one, other)).toBeCloseTo(value, 12);
    expect(concordance([1], [1])).toBeNull();
  });

  it('that gives no numbers has no figure and says so', async () => {
    const file = folder.write('six.onnx', await identity(['batch', 6]));
    const infinite = Float32Array.from(targets, () => Infinity);
    folder.write('endless.npz', npz({ x, target_y: { shape: [10, 6], values: infinite } }));
    await withTest('endless.npz', base, file, async (test) => {
      const { measurement } = await measured(file, test);
      expect(measurement).toMatchObject({ metric: null, value: null });
      expect(measurement.reason).toMatch(/are not finite numbers\.$/);
    });
  });
});

describe('a model of segments', () => {
  it('is judged by the overlap of each class, where pixels marked 255 do not count', async () => {
    const file = folder.write('segments.onnx', await identity(['batch', 3, 4, 5]));
    const marks = Uint8Array.from({ length: 40 }, (_, index) => (index === 0 ? 255 : (index * 7) % 3));
    const pictures = { shape: [2, 3, 4, 5], values: sines(120, 2.1) };
    folder.write('segments.npz', npz({ x: pictures, target_y: { shape: [2, 4, 5], values: marks } }));
    await withTest('segments.npz', base, file, async (test) => {
      const { measurement } = await measured(file, test);
      expect(measurement).toMatchObject({ metric: 'mean-iou', interval: null, samples: 2 });
      expect(measurement.value).toBeCloseTo(0.344532279314888, 12);
    });
    folder.write('small.npz', npz({ x: pictures, target_y: { shape: [2, 2, 5], values: marks.subarray(0, 20) } }));
    const { message } = await withTest('small.npz', base, file, (test) => errorOf(measured(file, test)));
    expect(message).toMatch(/has maps of \[2, 5\] for the output y, which gives maps of \[4, 5\]\. /);
  });
});
