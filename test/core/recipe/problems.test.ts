import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe/parse';
import { recipeProblems } from '../../../src/core/recipe/problems';

/** Each problem with the text that it is about. */
const told = (text: string): [string, string][] =>
  recipeProblems(text).map(({ message, start, end }) => [text.slice(start, end), message]);

describe('what is wrong with a recipe', () => {
  it('is nothing where it is one', () => {
    expect(told('version: 1\nsteps:\n  - quantize: { weights: int8 }\n')).toEqual([]);
  });

  it('is told all at once, each at its place', () => {
    const text = 'version: 1\ndata:\n  tests: a.npz\n  seed: x\nsteps:\n  - quantize:\n      weights: int7\n';
    expect(told(text)).toEqual([
      ['x', "data.seed is 'x'; use a whole number."],
      ['a.npz', expect.stringMatching(/^data has no 'tests'; it may have all, train, calibration, test, input,/)],
      ['int7', expect.stringMatching(/^steps\[0\]\.quantize\.weights is 'int7'; use float32, float16,/)],
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['version: 1\nsteps:\n  - quantize: {}\n', '{}', /weights is missing; give float32/],
    ['version: 1\nsteps: [\n', '', /^This is not valid YAML/],
    ['version: 1\nversion: 1\n', 'version', /^'version' is there twice\.$/],
    ['', '', /^It is empty; a recipe begins with 'version: 1'\.$/],
    ['policies: []\n', 'policies: []', /^This is a schedule of Distiller/],
    ['steps: []\n', 'steps: []', /^version is missing; give 1\.$/],
    [
      'version: 1\ndata:\n  input:\n    size: [1, 2, 3]\n',
      '[1, 2, 3]',
      /size is a list of 3; use a list of 2 numbers\.$/,
    ],
  ])('%j', (text, place, expected) => {
    const [[where, message] = ['', '']] = told(text);
    expect(where).toBe(place);
    expect(message).toMatch(expected);
    expect(message).toMatch(/^[\w'].*\.$/);
    expect(() => parseRecipe(text, 'x')).toThrow();
  });
});
