import path from 'node:path';
import type { QuantizeStep, Recipe } from '../../src/core/recipe/recipe.schema';
import type { CompressRequest } from '../../src/protocol/engine';
import { digits } from './engine-bundle';

const STEP: Omit<QuantizeStep, 'weights' | 'activations'> = {
  granularity: 'channel',
  keep: [],
  samples: 500,
  reduceRange: 'auto',
};

/** Static int8 on the bundled digits. */
export const INT8: Recipe = {
  version: 1,
  data: { calibration: 'data/calibration.npz', test: 'data/test.npz' },
  steps: [{ quantize: { ...STEP, weights: 'int8', activations: 'uint8' } }],
};

/** Needs no data, so it is quick. */
export const INT8_WEIGHTS: Recipe = {
  version: 1,
  steps: [{ quantize: { ...STEP, weights: 'int8', activations: 'float32' } }],
};

/** @param recipe its data are the example's */
export function requestFor(model: string, recipe: Recipe): CompressRequest {
  return { model, recipe, base: recipe.data ? digits : path.dirname(model) };
}
