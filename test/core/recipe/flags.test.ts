import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program';
import { parseDataText } from '../../../src/core/recipe/data-text';
import { recipeFromFlags } from '../../../src/core/recipe/from-flags';
import { recipeSchema, type Recipe } from '../../../src/core/recipe/recipe.schema';
import { rebaseRecipe } from '../../../src/core/recipe/rebase';
import { compressCommand, evaluateCommand } from '../../../src/core/recipe/to-command';
import { quietContext } from '../../../src/core/progress';
import { compressOptionsSchema } from '../../../src/cli/commands/compress-options';

const full: Recipe = recipeSchema.parse({
  version: 1,
  data: {
    calibration: { path: 'data/train images', labels: 'data/train labels', limit: 300 },
    test: 'data/test.npz',
    input: {
      name: 'image',
      layout: 'NCHW',
      size: [28, 32],
      channels: 'gray',
      scale: 1 / 255,
      mean: [0.1, -0.2],
      deviation: 0.5,
    },
    labels: ['null', "it's", '$HOME'],
    seed: 7,
  },
  target: { maxDrop: 0.5 },
  steps: [
    {
      quantize: {
        weights: 'int8',
        activations: 'uint8',
        granularity: 'tensor',
        keep: ['layer1.0.conv1', 'a b\'c"d'],
        samples: 100,
        reduceRange: true,
      },
    },
  ],
});

describe('flags compile to a recipe', () => {
  it('--to alone', () => {
    const [step] = recipeFromFlags({ to: 'int8' }).steps;
    expect(step?.quantize).toMatchObject({ weights: 'int8', activations: 'uint8', granularity: 'channel' });
    expect(recipeFromFlags({ to: 'float16' }).steps[0]?.quantize?.weights).toBe('float16');
  });

  it('flags win over the recipe they are given with', () => {
    const recipe = recipeFromFlags({ to: 'int8-weights', maxDrop: '2', test: 'other.npz' }, { recipe: full });
    expect(recipe.steps[0]?.quantize?.activations).toBe('float32');
    expect(recipe.target?.maxDrop).toBe(2);
    expect(recipe.data?.test).toBe('other.npz');
    expect(recipe.data?.calibration).toEqual(full.data?.calibration);
    expect(recipeFromFlags({ data: 'all.npz' }, { recipe: full }).data).toMatchObject({ all: 'all.npz', seed: 7 });
    expect(recipeFromFlags({ data: 'all.npz' }, { recipe: full }).data?.test).toBeUndefined();
  });

  it('fields of sound stay where one of them is given', () => {
    const recipe: Recipe = { ...full, data: { test: 'a.wav', input: { audio: { mels: 80, hop: 100 } } } };
    expect(recipeFromFlags({ hop: '160' }, { recipe }).data?.input?.audio).toEqual({ mels: 80, hop: 160 });
  });

  it('names of classes may hold commas', () => {
    expect(recipeFromFlags({ to: 'int8', classes: 'cat,owl\\, barn' }).data?.labels).toEqual(['cat', 'owl, barn']);
  });

  it('fractions are numbers', () => {
    expect(recipeFromFlags({ to: 'int8', scale: '1/255' }).data?.input?.scale).toBe(1 / 255);
  });

  const wrong: [object, string][] = [
    [{}, 'Say what to make with --to int8|int8-weights|int4|palette4|float16, with --weights BITS, with --max-drop or'],
    [{ to: 'int3' }, "--to is 'int3'; use int8, int8-weights, int4, palette4 or float16."],
    [{ to: 'int8', maxDrop: 'x' }, "--max-drop is 'x'; give a number."],
    [{ to: 'int8', size: '28' }, "--size is '28'; give height and width, as in --size 224x224."],
    [
      { to: 'int8', layout: 'NC' },
      "The flags do not make a recipe: data.input.layout is 'NC'; use NCHW, NHWC or as-is.",
    ],
  ];
  it.each(wrong)('%j is refused with a sentence', (flags, sentence) =>
    expect(() => recipeFromFlags(flags)).toThrow(sentence),
  );
});

describe('DATA as one text', () => {
  it.each([
    ['digits.npz', 'digits.npz'],
    ['random:200', { random: 200 }],
    ['digits.npz:500', { path: 'digits.npz', limit: 500 }],
    ['images,labels', { path: 'images', labels: 'labels' }],
    ['images,labels:9', { path: 'images', labels: 'labels', limit: 9 }],
    ['iris.csv#species', { path: 'iris.csv', label: 'species' }],
    ['iris.csv#species:9', { path: 'iris.csv', label: 'species', limit: 9 }],
    ['#1.csv', '#1.csv'],
    ['C:\\data\\x.npz', 'C:\\data\\x.npz'],
  ])('%s', (text, source) => expect(parseDataText(text)).toEqual(source));

  it('a path that exists is a path, whatever is in its name', () => {
    expect(parseDataText('a,b:5', (path) => path === 'a,b:5')).toBe('a,b:5');
    expect(parseDataText('a,b:5', (path) => path === 'a,b')).toEqual({ path: 'a,b', limit: 5 });
  });
});

describe('a recipe becomes a command line that reproduces it', () => {
  /** The words that a real shell makes of the line. */
  const split = (line: string): string[] =>
    execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
      .split('\0')
      .slice(0, -1);

  it('with every field, through a real shell and the real option parser', () => {
    const line = compressCommand("my model's.onnx", full, { output: '-out.onnx' });
    const [tool, verb, ...words] = split(line ?? '');
    expect([tool, verb]).toEqual(['edgewise', 'compress']);
    const program = buildProgram({
      job: quietContext(),
      print: () => undefined,
      say: () => undefined,
      onInterrupt: () => undefined,
    });
    const command = program.commands.find((one) => one.name() === 'compress');
    const rest = command?.parseOptions(words);
    expect(rest?.operands).toEqual(["my model's.onnx"]);
    const options = compressOptionsSchema.parse(command?.opts());
    expect(options.output).toBe('./-out.onnx');
    expect(recipeFromFlags(options)).toEqual(full);
  });

  it('says no more than is needed', () => {
    const recipe = recipeFromFlags({ to: 'int8', data: 'digits.npz' });
    expect(compressCommand('digits.onnx', recipe)).toBe('edgewise compress digits.onnx --to int8 --data digits.npz');
    expect(evaluateCommand('digits.onnx', recipe.data)).toBe('edgewise evaluate digits.onnx --data digits.npz');
    const shifted = { ...recipe.data, labelOffset: -1, input: { scale: 1 / 255 } };
    expect(evaluateCommand('digits.onnx', shifted)).toBe(
      'edgewise evaluate digits.onnx --data digits.npz --scale 1/255 --label-offset -1',
    );
  });

  it('what flags cannot say names the file that can', () => {
    const twice: Recipe = { ...full, steps: [...full.steps, ...full.steps] };
    expect(compressCommand('m.onnx', twice)).toBeNull();
    expect(compressCommand('m.onnx', twice, { recipeFile: 'm.int8.edgewise.json' })).toBe(
      'edgewise compress m.onnx --recipe m.int8.edgewise.json',
    );
  });
});

describe('paths of a recipe', () => {
  it('move with it', () => {
    const moved = rebaseRecipe(full, '/project', '/project/models');
    expect(moved.data?.calibration).toEqual({
      path: '../data/train images',
      labels: '../data/train labels',
      limit: 300,
    });
    expect(rebaseRecipe(moved, '/project/models', '/project')).toEqual(full);
  });
});
