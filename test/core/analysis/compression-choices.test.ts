import { describe, expect, test } from 'vitest';
import { alreadyCompressed, compressionChoices } from '../../../src/core/analysis/compression-choices';
import { summarize } from '../../../src/core/analysis/summary';
import { readModel } from '../../../src/core/formats';
import { recipeSchema } from '../../../src/core/recipe/recipe.schema';
import { hasShared, sharedPath } from '../../shared';
import { conv, layerSummary, modelSummary, weightSummary } from './summaries';

const network = modelSummary([conv('conv1', 128), conv('conv2', 256)]);
const transformer = modelSummary([
  layerSummary('proj', { operator: 'MatMul', weights: [weightSummary({ shape: [512, 512], outputAxis: 1 })] }),
]);
const ids = (summary: typeof network, data: boolean) =>
  compressionChoices(summary, { data }).map((choice) => choice.id);

describe('the recommended choice is first', () => {
  test('static int8 for convolutions where data is known', () => {
    expect(ids(network, true)).toEqual(['int8', 'int8-weights', 'float16']);
    const [first, ...others] = compressionChoices(network, { data: true });
    expect(first?.recommended).toBe(true);
    expect(others.some((choice) => choice.recommended)).toBe(false);
    expect(first?.steps).toEqual([
      {
        quantize: {
          weights: 'int8',
          activations: 'uint8',
          granularity: 'channel',
          keep: [],
          samples: 512,
          reduceRange: 'auto',
        },
      },
    ]);
  });

  test('int8 weights otherwise: no data, or no convolutions', () => {
    expect(ids(network, false)).toEqual(['int8-weights', 'int8', 'float16']);
    expect(ids(transformer, true)).toEqual(['int8-weights', 'int8', 'float16']);
  });

  test('every choice is a valid recipe, and says whether it needs data', () => {
    for (const choice of compressionChoices(network, { data: false })) {
      expect(recipeSchema.safeParse({ version: 1, steps: choice.steps }).success).toBe(true);
      expect(choice.needsData).toBe(choice.id === 'int8');
    }
  });
});

describe('choices that make no sense are left out', () => {
  test('a model of int8 weights', () => {
    const affine = { kind: 'affine', bits: 8, signed: true, axis: 0, block: null } as const;
    const int8 = modelSummary([
      conv('conv1', 128, { encoding: affine, encodingLabel: 'int8 per channel', bytes: 20_000 }),
    ]);
    expect(ids(int8, true)).toEqual([]);
    expect(alreadyCompressed(int8)).toBe('All weights are already stored compressed, as int8 per channel.');
  });

  test('float16 weights can still become int8', () => {
    const encoding = { kind: 'dense', dtype: 'float16' } as const;
    const half = { encoding, encodingLabel: 'float16', bytes: 128 * 144 * 2 };
    expect(ids(modelSummary([conv('conv1', 128, half)]), false)).toEqual(['int8-weights', 'int8']);
    expect(alreadyCompressed(modelSummary([conv('conv1', 128, half), conv('conv2', 8)]))).toBe(
      '1 of 2 weights are already stored compressed, as float16.',
    );
  });

  test('a model without weights', () => {
    expect(ids(modelSummary([layerSummary('relu', { operator: 'Relu' })]), true)).toEqual([]);
    expect(alreadyCompressed(network)).toBeNull();
  });
});

describe.skipIf(!hasShared('Estimates of compressed sizes', 'zoo'))('estimates', () => {
  /** Of the Python tool's static int8 files, per channel. */
  const TOLERANCE = 0.1;

  test.each(['lenet5', 'mobilenet_small', 'resnet14', 'vgg_small', 'vit_tiny'])(
    '%s: static int8 within a tenth of the file that the Python tool writes',
    async (name) => {
      const before = summarize(await readModel(sharedPath('zoo', name, `${name}.onnx`)));
      const { bytes } = summarize(await readModel(sharedPath('zoo', name, `${name}.int8-qdq.onnx`)));
      const estimate =
        compressionChoices(before, { data: true }).find((choice) => choice.id === 'int8')?.estimatedBytes ?? 0;
      expect(Math.abs(estimate - bytes) / bytes).toBeLessThan(TOLERANCE);
    },
  );
});
