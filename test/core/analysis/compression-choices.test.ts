import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { alreadyCompressed, compressionChoices } from '../../../src/core/analysis/compression-choices';
import { summarize } from '../../../src/core/analysis/summary';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { openRoles } from '../../../src/core/evaluation/data';
import { carryOut } from '../../../src/core/recipe/carry-out';
import { recipeSchema, type RecipeStep } from '../../../src/core/recipe/recipe.schema';
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
    expect(ids(network, true)).toEqual(['int8', 'int8-weights', 'int4', 'palette4', 'float16', 'smallest']);
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
    expect(ids(network, false)).toEqual(['int8-weights', 'int8', 'int4', 'palette4', 'float16', 'smallest']);
    expect(ids(transformer, true)).toEqual(['int8-weights', 'int8', 'int4', 'palette4', 'float16', 'smallest']);
  });

  test('every choice is a valid recipe, and says whether it needs data', () => {
    for (const choice of compressionChoices(network, { data: false })) {
      expect(recipeSchema.safeParse({ version: 1, steps: choice.steps, target: choice.target }).success).toBe(true);
      expect(choice.needsData).toBe(choice.id === 'int8' || choice.id === 'smallest');
      expect(choice.estimatedBytes === null).toBe(choice.id === 'smallest');
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
    expect(ids(modelSummary([conv('conv1', 128, half)]), false)).toEqual([
      'int8-weights',
      'int8',
      'int4',
      'palette4',
      'smallest',
    ]);
    expect(alreadyCompressed(modelSummary([conv('conv1', 128, half), conv('conv2', 8)]))).toBe(
      '1 of 2 weights are already stored compressed, as float16.',
    );
  });

  test('a model without weights', () => {
    expect(ids(modelSummary([layerSummary('relu', { operator: 'Relu' })]), true)).toEqual([]);
    expect(alreadyCompressed(network)).toBeNull();
  });
});

/** What a choice's steps make of a model, without running either. */
async function written(model: Model, steps: readonly RecipeStep[]): Promise<number> {
  const { inputs } = summarize(model);
  const roles = await openRoles({ calibration: { random: 2 } }, '.', inputs);
  try {
    const recipe = recipeSchema.parse({ version: 1, steps });
    const given = { job: quietContext(), calibration: roles.calibration, sourceHash: 'a'.repeat(64) };
    return await carryOut({ model, recipe, file: 'm.onnx' }, { ...given, warn: () => undefined }, async (result) => {
      return (await encodeOnnx(result)).byteLength;
    });
  } finally {
    await roles.close();
  }
}

async function estimatesHold(file: string): Promise<void> {
  const model = await readModel(file);
  for (const { id, steps, estimatedBytes } of compressionChoices(summarize(model), { data: true })) {
    if (estimatedBytes === null) continue;
    const bytes = await written(model, steps);
    expect(Math.abs(estimatedBytes / bytes - 1), id).toBeLessThan(0.1);
  }
}

describe('estimates are within a tenth of the files that are written', () => {
  test('for the example', () => estimatesHold(path.resolve(__dirname, '../../../examples/digits/digits.onnx')));

  describe.skipIf(!hasShared('Estimates of compressed sizes', 'zoo'))('for trained networks', () => {
    test.each(['lenet5', 'mobilenet_small', 'resnet14', 'vgg_small', 'vit_tiny'])('%s', (name) =>
      estimatesHold(sharedPath('zoo', name, `${name}.onnx`)),
    );
  });
});
