import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program';
import { compressOptionsSchema } from '../../../src/cli/commands/compress-options';
import { quietContext } from '../../../src/core/progress';
import { recipeFromFlags } from '../../../src/core/recipe/from-flags';
import { quantizeSchema, recipeSchema, REPAIRS, type Recipe } from '../../../src/core/recipe/recipe.schema';
import { outputTag } from '../../../src/core/recipe/targets';
import { compressCommand } from '../../../src/core/recipe/to-command';

type Step = NonNullable<Recipe['steps'][number]['quantize']>;

/** The words of a command line without quotes, as a shell gives them, through the real option parser. */
function parsed(verb: string, words: readonly string[]): Recipe {
  const program = buildProgram({
    job: quietContext(),
    print: () => undefined,
    say: () => undefined,
    onInterrupt: () => undefined,
  });
  const command = program.commands.find((one) => one.name() === verb);
  expect(command?.parseOptions([...words])).toEqual({ operands: ['m.onnx'], unknown: [] });
  return recipeFromFlags(compressOptionsSchema.parse(command?.opts()));
}

function again(recipe: Recipe): Recipe {
  const [tool, verb = '', ...words] = (compressCommand('m.onnx', recipe) ?? '').split(' ');
  expect(tool).toBe('edgewise');
  return parsed(verb, words);
}

const recipeOf = (step: object, rest: object = {}): Recipe =>
  recipeSchema.parse({ version: 1, steps: [{ quantize: step }], ...rest });

const ALL: Record<keyof Step, readonly unknown[]> = {
  weights: quantizeSchema.shape.weights.options,
  encoding: [undefined, 'affine', 'palette'],
  granularity: ['channel', 'tensor', 'block', 'group'],
  block: [undefined, 16, 128],
  group: [undefined, 4],
  scales: [undefined, 'minmax', 'mse', 'percentile'],
  symmetric: [undefined, false, true],
  sparsity: [undefined, 0.5, 0.95],
  activations: ['float32', 'uint8', 'uint16', 'dynamic'],
  keep: [[], ['conv1', '/head/i', 'Gemm']],
  overrides: [undefined],
  repair: [undefined, ['fold'], [...REPAIRS]],
  ranges: [undefined, 'minmax', 'moving-average', 'percentile', 'entropy', 'mse'],
  store: [undefined, 'native', 'unpacking', 'smallest'],
  compute: [undefined, 'float32', 'float16'],
  ends: [undefined, 'float32', 'float16'],
  samples: [512, 100],
  reduceRange: ['auto', true, false],
};

/** Every value of every field, and every pair of fields at a value of their own. */
function manySteps(): object[] {
  const fields = Object.entries(ALL);
  const steps: object[] = [];
  for (const [first, values] of fields)
    for (const value of values)
      for (const weights of ALL.weights) {
        for (const [second, others] of fields) {
          if (second === first) continue;
          const other = others[others.length - 1];
          steps.push({ weights, [first]: value, [second]: second === 'weights' ? weights : other });
        }
      }
  // A number of elements goes with what it is a number of.
  return steps.map((step) => ({
    ...step,
    ...('block' in step && step.block !== undefined ? { granularity: 'block', group: undefined } : {}),
    ...('group' in step && step.group !== undefined && !('block' in step && step.block !== undefined)
      ? { granularity: 'group' }
      : {}),
  }));
}

describe('a recipe said as flags', () => {
  it('is the same recipe again, whatever its step says', () => {
    const steps = manySteps();
    expect(steps.length).toBeGreaterThan(1000);
    for (const [at, step] of steps.entries()) {
      // A parser is made for each: one in seven, so that all values and most pairs come up, takes a second.
      if (at % 7 > 0) continue;
      const recipe = recipeOf(step);
      expect(again(recipe)).toEqual(recipe);
    }
  });

  it.each<[string, object]>([
    ['a drop', { maxDrop: 0.5 }],
    ['a size', { maxSize: 200_000 }],
    ['an odd size', { maxSize: 123_457 }],
    ['a place', { runtime: 'micro' }],
    ['all of it', { maxDrop: 1, maxSize: 2_500_000, runtime: 'ort-web' }],
  ])('with %s', (_, target) => {
    const recipe = recipeOf({ weights: 'int8' }, { target });
    expect(again(recipe)).toEqual(recipe);
  });

  it('without steps, which are searched for', () => {
    const recipe = recipeSchema.parse({ version: 1, data: { all: 'd.npz' }, target: { maxDrop: 0.5 } });
    expect(compressCommand('m.onnx', recipe)).toBe('edgewise compress m.onnx --data d.npz --max-drop 0.5');
    expect(again(recipe)).toEqual(recipe);
  });

  it('with layers that have options of their own, those in a row with the same ones together', () => {
    const overrides = [
      { layers: ['Gemm', '/head:0/'], weights: 'int8', symmetric: false },
      { layers: ['conv1'], weights: 'float16' },
    ];
    const recipe = recipeOf({ weights: 'int4', overrides });
    expect(compressCommand('m.onnx', recipe)).toMatch(
      / --layer weights=8,symmetric=no:Gemm --layer weights=8,symmetric=no:\/head:0\/ --layer weights=float16:conv1$/,
    );
    expect(again(recipe)).toEqual(recipe);
  });
});

describe('flags of a step', () => {
  it.each<[string[], Partial<Step>]>([
    [['--weights', '4'], { weights: 'int4', granularity: 'channel' }],
    [['--weights', 'int4', '--block', '64'], { granularity: 'block', block: 64 }],
    [['--weights', '6', '--encoding', 'palette', '--group', '8'], { granularity: 'group', group: 8 }],
    [['--weights', '8', '--activations', '16'], { activations: 'uint16' }],
    [['--weights', 'bfloat16'], { weights: 'bfloat16' }],
    [['--weights', '8', '--asymmetric'], { symmetric: false }],
    [['--weights', '4', '--repair', 'fold,equalize', '--repair', 'gptq'], { repair: ['fold', 'equalize', 'gptq'] }],
  ])('%j', (words, step) => {
    expect(parsed('quantize', ['m.onnx', ...words]).steps[0]?.quantize).toMatchObject(step);
  });

  it.each<[object, string]>([
    [{ weights: '7' }, "--weights is '7'; use 8, 6, 5, 4, 3, 2, 1, float16, bfloat16 or float32."],
    [{ weights: '4', to: 'int8' }, '--to and --weights both say what to make. Use one of them.'],
    [{ weights: '4', block: '32', group: '4' }, '--block is for scales and --group for palettes. Use one of them.'],
    [{ weights: '4', block: '8' }, 'steps[0].quantize.block is 8; use a whole number of at least 16 and at most 256.'],
    [{ weights: '4', sparsity: '1' }, 'steps[0].quantize.sparsity is 1; use a number of at least 0 and below 1.'],
    [{ weights: '8', activations: '4' }, "--activations is '4'; use float, 8, 16 or dynamic."],
    [{ weights: '4', repair: ['fold,magic'] }, "steps[0].quantize.repair[1] is 'magic'; use fold, equalize,"],
    [{ weights: '4', symmetric: true, asymmetric: true }, '--symmetric and --asymmetric say the opposite.'],
    [{ weights: '4', layer: ['conv1'] }, "--layer is 'conv1'; give options and a layer, as in --layer weights=4"],
    [{ weights: '4', layer: ['bits=4:conv1'] }, "--layer has 'bits=4'; give weights, encoding, granularity, block,"],
    [{ weights: '4', layer: ['weights=7:conv1'] }, "--layer weights is '7'; use 8, 6, 5, 4, 3, 2, 1, float16,"],
    [{ maxSize: '200 kilo' }, "--max-size is '200 kilo'; give bytes, as in --max-size 200KB or --max-size 1.5MB."],
    [{ maxSize: '0' }, "--max-size is '0'; give bytes"],
    [{ maxDrop: '1', keep: ['conv1'] }, 'Options such as --encoding and --keep go with --weights or --to;'],
    [{ weights: '8', target: 'abacus' }, "target.runtime is 'abacus'; use ort-x64, ort-arm64, ort-web, tflite,"],
  ])('%j is refused', (flags, sentence) => expect(() => recipeFromFlags(flags)).toThrow(sentence));
});

describe('an output is named after', () => {
  it.each<[object, string]>([
    [{ weights: 'int8', activations: 'uint8' }, 'int8'],
    [{ weights: 'int8' }, 'int8-weights'],
    [{ weights: 'int4' }, 'int4'],
    [{ weights: 'int4', granularity: 'tensor' }, 'int4'],
    [{ weights: 'int4', encoding: 'palette' }, 'palette4'],
    [{ weights: 'int6' }, 'palette6'],
    [{ weights: 'bfloat16' }, 'bfloat16'],
    [{ weights: 'int8', activations: 'uint16' }, 'int8-uint16'],
    [{ weights: 'int4', encoding: 'palette', sparsity: 0.5 }, 'palette4-sparse'],
    [{ weights: 'float32', sparsity: 0.9 }, 'sparse'],
  ])('%j', (step, tag) => expect(outputTag(recipeOf(step))).toBe(tag));

  it('nothing in particular where there is no step, or several', () => {
    expect(outputTag(recipeSchema.parse({ version: 1 }))).toBe('compressed');
  });
});
