import { describe, expect, it } from 'vitest';
import { recipeSchema, type Recipe } from '../../../src/core/recipe/recipe.schema';
import { fitToTarget, placeRemark, type RuntimeName } from '../../../src/core/recipe/target-profiles';

const recipeFor = (runtime: RuntimeName | undefined, step: object): Recipe =>
  recipeSchema.parse({ version: 1, steps: [{ quantize: step }], ...(runtime ? { target: { runtime } } : {}) });

describe('a recipe for a place', () => {
  it('is what it was where no place is named', () => {
    const recipe = recipeFor(undefined, { weights: 'int1' });
    expect(fitToTarget(recipe)).toEqual({ recipe, changes: [] });
  });

  it('stores weights natively where nothing unpacks them at loading', () => {
    const { recipe, changes } = fitToTarget(recipeFor('tflite', { weights: 'int8', store: 'unpacking' }));
    expect(recipe.steps[0]?.quantize?.store).toBe('native');
    expect(changes).toEqual(['Weights are stored natively: TensorFlow Lite does not unpack them at loading.']);
  });

  it('keeps all 8 bits on ARM, whatever this processor needs, unless it says otherwise', () => {
    const range = (step: object) => fitToTarget(recipeFor('ort-arm64', step)).recipe.steps[0]?.quantize?.reduceRange;
    expect(range({ weights: 'int8', activations: 'uint8' })).toBe(false);
    expect(range({ weights: 'int8', activations: 'uint8', reduceRange: true })).toBe(true);
  });

  it.each<[string, boolean | 'auto', string]>([
    ['arm64', true, 'nothing tells whether an x86 processor elsewhere has VNNI'],
    ['x64', 'auto', 'this processor is asked'],
  ])('for x86 has, made on %s, reduceRange: %s, since %s', (architecture, reduceRange, _) => {
    const recipe = recipeFor('ort-x64', { weights: 'int8', activations: 'uint8' });
    expect(fitToTarget(recipe, architecture).recipe.steps[0]?.quantize?.reduceRange).toBe(reduceRange);
  });

  it.each<[RuntimeName, object, string]>([
    [
      'micro',
      { weights: 'int8' },
      'A microcontroller cannot run float activations (by the kernels of TensorFlow Lite Micro); use uint8 or uint16',
    ],
    [
      'micro',
      { weights: 'float16' },
      'A microcontroller cannot run float16 weights (by the kernels of TensorFlow Lite Micro); use int8.',
    ],
    [
      'micro',
      { weights: 'int8', activations: 'uint8', granularity: 'block' },
      'cannot run scales of a block (by the kernels',
    ],
    [
      'tflite',
      { weights: 'int4', encoding: 'palette' },
      'TensorFlow Lite cannot run palettes of 4 bits (by its 8-bit quantization specification); use int8, int4',
    ],
    [
      'tflite',
      { weights: 'int8', symmetric: false },
      'cannot run weights with zero points (by its 8-bit quantization specification); use symmetric scales.',
    ],
    ['tflite', { weights: 'int8', sparsity: 0.5 }, 'TensorFlow Lite cannot run sparse weights (by'],
    ['tflite', { weights: 'int8', overrides: [{ layers: ['x'], weights: 'int2' }] }, 'cannot run int2 weights (by'],
    [
      'coreml',
      { weights: 'int5' },
      'Core ML cannot run palettes of 5 bits (by the documentation of Core ML Tools); use int8, int4, float16 or a palette of 8,',
    ],
  ])('%s refuses %j with what it can run', (runtime, step, sentence) => {
    expect(() => fitToTarget(recipeFor(runtime, step))).toThrow(sentence);
  });

  it('says whose latency it is where the place is another', () => {
    expect(placeRemark('ort-x64', 'x64')).toBeNull();
    expect(placeRemark('ort-x64', 'arm64')).toMatch(/^Latency is this computer's, not that of ONNX Runtime on x86/);
    expect(placeRemark('micro', 'x64')).toMatch(/not that of a microcontroller/);
  });

  it.each<RuntimeName>(['tflite', 'coreml', 'micro'])('says that the rules of %s are read and not run', (runtime) => {
    expect(placeRemark(runtime)).toMatch(/is taken from .*: this model was not run there, and its ONNX file has to be/);
    expect(placeRemark('ort-web')).not.toMatch(/taken from/);
  });
});
