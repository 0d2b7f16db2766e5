import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { layersOf } from '../../../src/core/analysis/layers';
import { streamStatistics } from '../../../src/core/analysis/statistics';
import type { LayerStatistics } from '../../../src/core/analysis/statistics.schema';
import { layerStatisticsSchema } from '../../../src/core/analysis/statistics.schema';
import { summarize } from '../../../src/core/analysis/summary';
import { quantizeWeights } from '../compression/weight-steps';
import { readModel } from '../../../src/core/formats';
import { onnxEncodings } from '../../../src/core/formats/onnx/store';
import { writeOnnx } from '../../../src/core/formats/onnx/write';
import { openWeights } from '../../../src/core/formats/weight-reader';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { hasShared, sharedPath } from '../../shared';
import { initializer, int, ints, model, node, smallNetwork, value, type GraphParts } from '../compression/models';
import { scratchFolder } from '../compression/running';
import { hostile, weights } from '../kernels/hostile';
import { plainHistogram, plainStatistics } from '../kernels/references';

const folder = scratchFolder();
const make = (count: number, seed: number): Float32Array => weights(count, seed);

async function statistics(from: Model, first: string[] = []): Promise<LayerStatistics[]> {
  const all: LayerStatistics[] = [];
  const told = await streamStatistics(from, summarize(from), { first }, (batch) => all.push(...batch));
  expect(told.layers).toBe(all.length);
  for (const layer of all) layerStatisticsSchema.parse(layer);
  return all;
}

async function written(parts: GraphParts, name: string): Promise<Model> {
  const file = path.join(folder, name);
  await writeOnnx(model(parts), file, { context: quietContext(), overwrite: true });
  return readModel(file);
}

const oneProduct = (numbers: Float32Array, shape: [number, number]): GraphParts => ({
  nodes: [node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'head'], ['y'])],
  weights: [initializer('w', shape, numbers), initializer('head', [shape[1], 2], make(shape[1] * 2, 3))],
  inputs: [value('x', ['n', shape[0]])],
  outputs: [value('y', ['n', 2])],
});

describe('statistics of a model', () => {
  test.each([
    ['weights', weights],
    ['hostile values', hostile],
  ])('are those of each main weight: %s', async (_, numbers) => {
    const from = await written(
      smallNetwork((count, seed) => numbers(count, seed)),
      'plain.onnx',
    );
    const all = await statistics(from);
    expect(all.map(({ weight }) => weight)).toEqual(['conv.weight', 'fc.weight', 'head.weight']);
    const counts = [16 * 8 * 9, 32 * 576, 32 * 40];
    all.forEach(({ statistics: got }, i) => {
      const values = numbers(counts[i] ?? 0, [1, 3, 5][i] ?? 0);
      const plain = plainStatistics(values);
      expect(got).toMatchObject({
        count: counts[i],
        zeros: plain.zeros,
        nan: plain.nan,
        infinite: plain.infinite,
        min: plain.min,
        max: plain.max,
        histogram: plainHistogram(values, plain.min, plain.max),
      });
      const mean = plain.sum / plain.finite;
      const meanAbsolute = plain.absolutes / plain.finite;
      const deviation = Math.sqrt(
        values.filter(Number.isFinite).reduce((sum, v) => sum + (v - mean) ** 2, 0) / plain.finite,
      );
      expect(Math.abs((got.mean ?? NaN) - mean)).toBeLessThan(1e-11 * meanAbsolute);
      expect((got.meanAbsolute ?? NaN) / meanAbsolute).toBeCloseTo(1, 11);
      expect((got.standardDeviation ?? NaN) / deviation).toBeCloseTo(1, 9);
    });
  });

  test('keep a deviation far below the mean, over many chunks', async () => {
    const count = 3_000_000;
    const numbers = Float32Array.from({ length: count }, (_, i) => 4096 + (i % 2 === 0 ? 1 : -1) * 2 ** -11);
    const [layer] = await statistics(model(oneProduct(numbers, [1000, 3000])));
    expect(layer?.statistics.mean).toBeCloseTo(4096, 9);
    expect(layer?.statistics.standardDeviation).toBe(2 ** -11);
    expect(layer?.statistics.histogram[0]).toBe(count / 2);
    expect(layer?.statistics.histogram[63]).toBe(count / 2);
  });

  test('say so where nothing is finite, where there is nothing, and where all is equal', async () => {
    const of = async (numbers: Float32Array, shape: [number, number]) =>
      (await statistics(model(oneProduct(numbers, shape))))[0]?.statistics;
    expect(await of(new Float32Array(16).fill(NaN), [4, 4])).toMatchObject({
      nan: 16,
      min: null,
      mean: null,
      histogram: [],
    });
    expect(await of(new Float32Array(0), [0, 4])).toMatchObject({ count: 0, max: null, histogram: [] });
    const equal = await of(new Float32Array(16).fill(3), [4, 4]);
    expect(equal).toMatchObject({ min: 3, max: 3, mean: 3, standardDeviation: 0 });
    expect(equal?.histogram[0]).toBe(16);
  });

  test('are of real values where codes are stored', async () => {
    const from = await written(smallNetwork(make), 'float.onnx');
    const reader = await openWeights(from);
    const file = path.join(folder, 'codes.onnx');
    const tensors = await quantizeWeights(from, reader, { granularity: 'channel' });
    await writeOnnx(onnxEncodings.store(from, tensors), file, { context: quietContext() });
    await reader.close();
    const [before, after] = [await statistics(from), await statistics(await readModel(file))];
    after.forEach(({ layer, weight, statistics: got, suggestion }, i) => {
      const old = before[i];
      expect(weight).toBe(old?.weight);
      expect(layer).toBe(old?.layer);
      expect(suggestion?.remove).toBe(old?.suggestion?.remove);
      expect((got.standardDeviation ?? 0) / (old?.statistics.standardDeviation ?? 1)).toBeCloseTo(1, 3);
      expect((got.max ?? 0) / (old?.statistics.max ?? 1)).toBeCloseTo(1, 2);
    });
  });

  test('come in the order that is wanted, each layer once', async () => {
    const from = model(smallNetwork(make));
    const names = summarize(from)
      .layers.filter((layer) => layer.weights.length > 0)
      .map((layer) => layer.name);
    const wanted = names.at(-1) ?? '';
    const all = await statistics(from, [wanted, 'no such layer']);
    expect(all[0]?.layer).toBe(wanted);
    expect(all.map(({ layer }) => layer).sort()).toEqual([...names].sort());
  });

  test('of a weight that two layers share are told for both', async () => {
    const from = model({
      nodes: [node('MatMul', ['x', 'w'], ['h']), node('Gemm', ['h', 'w'], ['y'], { transB: int(1) })],
      weights: [initializer('w', [64, 64], make(4096, 1))],
      inputs: [value('x', ['n', 64])],
      outputs: [value('y', ['n', 64])],
    });
    const [first, second] = await statistics(from);
    expect(second?.weight).toBe('w');
    expect(second?.statistics).toEqual(first?.statistics);
  });

  test('leave out a weight whose codes and scales do not fit together, and tell the others', async () => {
    const codes = initializer(
      'codes',
      [64, 64],
      Int8Array.from({ length: 4096 }, (_, i) => i),
      'int8',
    );
    const from = (scales: number): Model =>
      model({
        nodes: [
          node('DequantizeLinear', ['codes', 'scale'], ['w'], { axis: int(1) }),
          node('MatMul', ['x', 'w'], ['h']),
          node('MatMul', ['h', 'head'], ['y']),
        ],
        weights: [codes, initializer('scale', [scales], make(scales, 2)), initializer('head', [64, 9], make(576, 3))],
        inputs: [value('x', ['n', 64])],
        outputs: [value('y', ['n', 9])],
      });
    expect((await statistics(from(64))).map(({ weight }) => weight)).toEqual(['codes', 'head']);
    expect((await statistics(from(63))).map(({ weight }) => weight)).toEqual(['head']);
  });

  test('are not asked of a packed weight that declares more than it holds', async () => {
    const packed = (columns: number): Model =>
      model({
        nodes: [
          {
            ...node('MatMulNBits', ['x', 'b', 's'], ['y'], {
              N: int(16),
              K: int(columns),
              bits: int(4),
              block_size: int(32),
            }),
            domain: 'com.microsoft',
          },
        ],
        weights: [
          { name: 'b', dtype: 'uint8', shape: [16, 2, 16], data: { kind: 'bytes', bytes: new Uint8Array(512) } },
          initializer('s', [1], Float32Array.of(1)),
        ],
        inputs: [value('x', ['n', 64])],
        outputs: [value('y', ['n', 16])],
      });
    // Codes of 0 stand for -8 where no zero point is given.
    const [layer] = await statistics(packed(64));
    expect(layer?.statistics).toMatchObject({ count: 1024, min: -8, max: -8 });
    expect(await statistics(packed(2 ** 40))).toEqual([]);
  });

  test('stop when they are cancelled', async () => {
    const from = model(smallNetwork(make));
    const signal = AbortSignal.abort();
    await expect(streamStatistics(from, summarize(from), { signal }, () => undefined)).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });

  test('of a file that is gone are an error that names it', async () => {
    const from = await written(smallNetwork(make), 'gone.onnx');
    const gone = { ...from, files: from.files.map((file) => ({ ...file, path: `${file.path}.gone` })) };
    await expect(statistics(gone)).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('suggested pruning', () => {
  /** Every other output is close to nothing. */
  const halfWeak = (outputs: number, along: (index: number) => number, count: number): Float32Array =>
    make(count, 8).map((v, i) => (along(i) % 2 === 0 && along(i) < outputs ? v * 1e-3 : v));

  test('counts filters along the first axis, columns of a product, rows of a transposed one', async () => {
    const from = model({
      nodes: [
        node('Conv', ['x', 'conv'], ['c'], { kernel_shape: ints(3, 3) }),
        node('GlobalAveragePool', ['c'], ['p']),
        node('Flatten', ['p'], ['f']),
        node('MatMul', ['f', 'product'], ['m']),
        node('Gemm', ['m', 'transposed'], ['g'], { transB: int(1) }),
        node('MatMul', ['g', 'head'], ['y']),
      ],
      weights: [
        initializer(
          'conv',
          [16, 4, 3, 3],
          halfWeak(16, (i) => Math.floor(i / 36), 576),
        ),
        initializer(
          'product',
          [16, 20],
          halfWeak(20, (i) => i % 20, 320),
        ),
        initializer(
          'transposed',
          [24, 20],
          halfWeak(24, (i) => Math.floor(i / 20), 480),
        ),
        initializer(
          'head',
          [24, 16],
          halfWeak(16, (i) => i % 16, 384),
        ),
      ],
      inputs: [value('x', ['n', 4, 6, 6])],
      outputs: [value('y', ['n', 16])],
    });
    const all = await statistics(from);
    expect(all.map(({ suggestion }) => suggestion && [suggestion.remove, suggestion.of, suggestion.unit])).toEqual([
      [8, 16, 'filters'],
      [10, 20, 'neurons'],
      [12, 24, 'neurons'],
      null,
    ]);
  });

  test('is none for depthwise convolutions, and for each head of a model', async () => {
    const weak = halfWeak(16, (i) => Math.floor(i / 9), 144);
    const from = model({
      nodes: [
        node('Conv', ['x', 'depthwise'], ['c'], { group: int(16), kernel_shape: ints(3, 3) }),
        node('GlobalAveragePool', ['c'], ['p']),
        node('Flatten', ['p'], ['f']),
        node('MatMul', ['f', 'a'], ['y']),
        node('MatMul', ['f', 'b'], ['s']),
        node('Softmax', ['s'], ['z']),
      ],
      weights: [
        initializer('depthwise', [16, 1, 3, 3], weak),
        initializer('a', [16, 8], new Float32Array(128)),
        initializer('b', [16, 8], new Float32Array(128)),
      ],
      inputs: [value('x', ['n', 16, 5, 5])],
      outputs: [value('y', ['n', 8]), value('z', ['n', 8])],
    });
    expect((await statistics(from)).map(({ suggestion }) => suggestion)).toEqual([null, null, null]);
  });
});

describe.skipIf(!hasShared('Statistics of files in other storage', 'zoo', 'lenet5'))('real files', () => {
  test.each(['lenet5.onnx', 'lenet5.external.onnx', 'lenet5.dynamo.onnx', 'lenet5.int8-qdq.onnx'])(
    '%s: every layer with a weight is told',
    async (name) => {
      const from = await readModel(sharedPath('zoo', 'lenet5', name));
      const all = await statistics(from);
      const expected = layersOf(from).filter((layer) => layer.weights.some(({ role }) => role === 'weight'));
      expect(all.map(({ layer }) => layer)).toEqual(expected.map(({ name: layer }) => layer));
      expect(all.length).toBe(5);
      for (const {
        statistics: { standardDeviation, count },
      } of all) {
        expect(standardDeviation).toBeGreaterThan(0.005);
        expect(standardDeviation).toBeLessThan(1);
        expect(count).toBeGreaterThan(100);
      }
    },
  );
});
