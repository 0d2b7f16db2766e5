import { describe, expect, it } from 'vitest';
import { learningFolder, SHORT, storedLayers, zerosIn, type StoredLayer } from './learning-folder';

const { run, file } = learningFolder();
const PRUNE = { train: { ...SHORT, epochs: 2, sparsity: { level: 0.5, end: 0.5 } } };
const CLUSTER = { train: { ...SHORT, epochs: 1, cluster: { bits: 4 } } };
/** Trainings of a real network, where many tests share a machine. */
const SLOW_MS = 240_000;

/** A bit an element for where weights are, 4 bits for each that is there, and a table of 16 float32. */
const maskedPalette = ({ values }: StoredLayer): number =>
  Math.ceil(values.length / 8) + Math.ceil((values.length - zerosIn(values)) / 2) + 16 * 4;

const valuesIn = (values: Float32Array): number => new Set(values).size;

describe('prune, then cluster, then quantize, as one recipe', () => {
  it(
    'keeps zeros and shared values, in exactly the bytes that they take',
    async () => {
      const { report } = await run('weights', [PRUNE, CLUSTER, { quantize: { weights: 'int8' } }]);
      for (const layer of (await storedLayers(file('weights.onnx'))).values()) {
        expect(zerosIn(layer.values)).toBeGreaterThanOrEqual(layer.values.length / 2);
        expect(valuesIn(layer.values)).toBeLessThanOrEqual(16);
        expect(layer.bytes).toBe(maskedPalette(layer));
      }
      expect(report.after.bytes).toBeLessThan(report.before.bytes / 8);
      expect(report.after.value).toBeGreaterThan(0.95);
    },
    SLOW_MS,
  );

  it(
    'keeps them where integer kernels take the weights',
    async () => {
      const { report } = await run('integers', [
        PRUNE,
        CLUSTER,
        { quantize: { weights: 'int8', activations: 'uint8', samples: 100 } },
      ]);
      for (const { values } of (await storedLayers(file('integers.onnx'))).values()) {
        expect(zerosIn(values)).toBeGreaterThanOrEqual(values.length / 2);
        expect(valuesIn(values)).toBeLessThanOrEqual(16);
      }
      expect(report.after.bytes).toBeLessThan(report.before.bytes / 5);
      expect(report.after.value).toBeGreaterThan(0.95);
    },
    SLOW_MS,
  );
});

describe('a student, distilled and quantized, as one recipe', () => {
  it(
    'has half the channels and int8 weights',
    async () => {
      const { report } = await run('student', [
        { student: { width: 0.5 } },
        { distil: { ...SHORT, epochs: 3, teacher: 'self' } },
        { quantize: { weights: 'int8' } },
      ]);
      const layers = [...(await storedLayers(file('student.onnx'))).values()];
      expect(layers.map(({ values }) => values.length)).toEqual([144, 2304, 4608, 9216, 6912, 240]);
      for (const { encoding } of layers) expect(encoding).toMatchObject({ kind: 'affine', bits: 8 });
      expect(report.after.value).toBeGreaterThan(0.8);
    },
    SLOW_MS,
  );
});

describe('recovery from unlabelled samples', () => {
  it(
    'wins back what pruning after training cost, and keeps its zeros',
    async () => {
      const prune = { quantize: { weights: 'float32', sparsity: 0.8 } };
      const { report: pruned } = await run('pruned', [prune], { labelled: false });
      const distil = { distil: { ...SHORT, epochs: 2, teacher: 'self' } };
      const { report } = await run('recovered', [prune, distil], { labelled: false });
      expect(report.after.value).toBeGreaterThan((pruned.after.value ?? 1) + 0.1);
      const before = await storedLayers(file('pruned.onnx'));
      for (const [name, { values }] of await storedLayers(file('recovered.onnx')))
        expect(zerosIn(values)).toBeGreaterThanOrEqual(zerosIn(before.get(name)?.values ?? values));
    },
    SLOW_MS,
  );
});

describe('an order that cannot work is refused before any work', () => {
  const QUANTIZE = { quantize: { weights: 'int8' } };
  const AWARE = { train: { ...SHORT, quantize: { weights: 'int4' } } };

  it.each<[string, object[], RegExp]>([
    ['training codes', [QUANTIZE, PRUNE], /step 2 \(train\) comes after step 1 \(quantize\).*Put it before that step/],
    ['a student of codes', [AWARE, { student: { width: 0.5 } }], /step 2 \(student\) comes after step 1 \(train\)/],
    ['quantizing what was', [AWARE, QUANTIZE], /step 2 \(quantize\) comes after step 1.*Leave one of the two out/],
  ])('%s', async (_title, steps, sentence) => {
    await expect(run('refused', steps)).rejects.toThrow(sentence);
  });
});
