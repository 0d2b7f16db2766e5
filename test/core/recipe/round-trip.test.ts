import { describe, expect, it } from 'vitest';
import { recipeSchema, type Recipe } from '../../../src/core/recipe/recipe.schema';
import { compressCommand } from '../../../src/core/recipe/to-command';
import { parsedCommand, program, shellWords } from './command-words';
import { fieldSamples, TEXTS } from './schema-samples';

/** Said beside the flags of a recipe: which model, and where to. */
const samples = fieldSamples().flatMap(({ field, recipe }) => {
  const parsed = recipeSchema.safeParse(recipe);
  // A student that shares nothing, and is nothing else, is none: the one rule that samples do not know.
  if (!parsed.success && field === 'steps[].student.share') return [];
  return [{ field, recipe: recipeSchema.parse(recipe) }];
});
const lines = samples.map(({ recipe }) => compressCommand(recipe.model ?? 'm.onnx', recipe) ?? '');
const commands = shellWords(lines);

/** The shortest form: a source of which only its path is said is that path, and what is false at the top is not said. */
function shortest(recipe: Recipe): Recipe {
  const sources = Object.entries(recipe.data ?? {}).map(([name, value]): [string, unknown] => {
    const isPath = typeof value === 'object' && Object.keys(value).join() === 'path' && 'path' in value;
    return [name, isPath ? value.path : value];
  });
  const said = Object.fromEntries(Object.entries(recipe).filter(([, value]) => value !== false));
  return recipeSchema.parse(recipe.data === undefined ? said : { ...said, data: Object.fromEntries(sources) });
}

describe('whatever a recipe says, flags say, too', () => {
  it('of every field, with every kind of value, through a real shell and the real option parser', () => {
    expect(samples.length).toBeGreaterThan(150);
    for (const [at, { field, recipe }] of samples.entries()) {
      expect(lines[at], field).not.toBe('');
      const { model, output, ...parsed } = parsedCommand(commands[at] ?? [], TEXTS);
      const { model: named, output: to, ...rest } = recipe;
      expect(parsed.recipe, `${field}: ${lines[at] ?? ''}`).toEqual(shortest(rest));
      const asPath = (file: string): string => (file.startsWith('-') ? `./${file}` : file);
      expect(model).toBe(asPath(named ?? 'm.onnx'));
      expect(output).toBe(to === undefined ? undefined : asPath(to));
    }
  });

  it('but for several steps, which need a file', () => {
    const step = { quantize: { weights: 'int8' } };
    const twice = recipeSchema.parse({ version: 1, steps: [step, step] });
    expect(compressCommand('m.onnx', twice)).toBeNull();
  });
});

describe('whatever flags say, a recipe says, too', () => {
  /** What is said of one run, and not of what is made. */
  const OF_A_RUN = ['--unlabelled', '--recipe', '--overwrite', '--force', '--html', '--json', '--help'];

  it.each(['compress', 'quantize', 'train', 'distil', 'student'])('%s', (verb) => {
    const used = new Set(commands.flat().flatMap((word) => (word.startsWith('--') ? word.split('=', 1) : [])));
    const command = program().commands.find((one) => one.name() === verb);
    const flags = command?.options.map(({ long }) => long ?? '') ?? [];
    expect(flags.length).toBeGreaterThan(30);
    expect(flags.filter((flag) => !used.has(flag) && !OF_A_RUN.includes(flag))).toEqual([]);
  });
});
