import { describe, expect, it } from 'vitest';
import { recipeJsonSchema } from '../../src/core/recipe/json-schema';
import { fieldAt, suggestionsAt } from '../../src/host/recipes/completion';
import { cursorAt } from '../../src/host/recipes/cursor';
import type { SchemaNode } from '../../src/host/recipes/schema';

const schema = recipeJsonSchema();

/** A text with `|` where the cursor is. */
function at(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf('|');
  return { text: marked.replace('|', ''), offset };
}

const words = (marked: string): string[] => {
  const { text, offset } = at(marked);
  return suggestionsAt(schema, text, offset).map(({ word }) => word);
};

describe('what is being written', () => {
  it.each<[string, string, 'field' | 'value', string]>([
    ['|', '', 'field', ''],
    ['version: 1\nda|', '', 'field', 'da'],
    ['version: |', 'version', 'value', ''],
    ['data:\n  test: a.npz\n  input:\n    layout: NC|', 'data input layout', 'value', 'NC'],
    ['steps:\n  - quantize:\n      we|', 'steps [] quantize', 'field', 'we'],
    ['steps:\n- quantize:\n    we|', 'steps [] quantize', 'field', 'we'],
    ['steps:\n  - |', 'steps []', 'field', ''],
    ['steps:\n  - quantize: { weights: int8, act|', 'steps [] quantize', 'field', 'act'],
    ['steps:\n  - quantize: { weights: int8, repair: [fold, aw|', 'steps [] quantize repair []', 'value', 'aw'],
    ['steps:\n  - quantize:\n      repair:\n        - fo|', 'steps [] quantize repair []', 'field', 'fo'],
    ['data:\n  test: a.npz\n\n# what it may cost\ntarget:\n  |', 'target', 'field', ''],
    ['data:\n  labels: ["a{b", c]\n  se|', 'data', 'field', 'se'],
  ])('%j', (marked, path, writes, prefix) => {
    const { text, offset } = at(marked);
    expect(cursorAt(text, offset)).toMatchObject({ path: path === '' ? [] : path.split(' '), writes, prefix });
  });
});

describe('completion of a recipe', () => {
  it('offers fields that are not there yet', () => {
    const top = words('version: 1\n|\nsteps: []\n');
    expect(top).toEqual(expect.arrayContaining(['model', 'data', 'target', 'output']));
    expect(top).not.toContain('version');
    expect(top).not.toContain('steps');
    expect(words('steps:\n  - quantize: { weights: int8, |')).not.toContain('weights');
    expect(words('data:\n  test: a.npz\n  |\n  seed: 1\ntarget:\n  maxDrop: 1\n')).not.toContain('seed');
    expect(words('data:\n  test: a.npz\n  |\n  seed: 1\ntarget:\n  maxDrop: 1\n')).toContain('calibration');
  });

  it('offers words where a field takes one of some', () => {
    expect(words('data:\n  input:\n    crop: |')).toEqual(['stretch', 'center', 'letterbox']);
    expect(words('target: { runtime: |')).toContain('micro');
    expect(words('steps:\n  - quantize:\n      reduceRange: |')).toEqual(['true', 'false', 'auto']);
    expect(words('steps:\n  - quantize:\n      repair:\n        - |')).toContain('gptq');
  });

  it('offers nothing where anything may stand, or where nothing may', () => {
    expect(words('model: |')).toEqual([]);
    expect(words('nonsense:\n  deeper:\n    |')).toEqual([]);
  });

  it('goes on where a mapping or a list begins, and tells what a field is for', () => {
    const suggestions = suggestionsAt(schema, '', 0);
    const inserts = suggestions.map(({ insert }) => insert);
    expect(inserts).toEqual(expect.arrayContaining(['version: ', 'data:\n  ', 'steps:\n  - ', 'output: ']));
    for (const { description, word } of suggestions) expect(description, word).toMatch(/^[A-Z].+\.$/);
    expect(suggestions.find(({ word }) => word === 'steps')).toMatchObject({
      takes: 'list',
      description: 'What is done to the model, one after the other.',
    });
  });

  it('knows a description of every field of the schema', () => {
    const missing: string[] = [];
    const visit = ({ properties = {}, items, anyOf = [] }: SchemaNode, path: string): void => {
      for (const [name, one] of Object.entries(properties)) {
        if (one.description === undefined) missing.push(`${path}.${name}`);
        visit(one, `${path}.${name}`);
      }
      for (const one of [...anyOf, ...(items === undefined ? [] : [items])]) visit(one, path);
    };
    visit(schema, '');
    expect(missing).toEqual([]);
  });
});

describe('a field under the mouse', () => {
  it.each<[string, RegExp | null]>([
    ['data:\n  in|put:\n    crop: center\n', /^How the model's input is made/],
    ['data:\n  input: { cr|op: center }\n', /^How a picture of another shape comes to that size/],
    ['data:\n  input: { crop: cen|ter }\n', null],
    ['nonsen|se: 1\n', null],
  ])('%j', (marked, expected) => {
    const { text, offset } = at(marked);
    const found = fieldAt(schema, text, offset);
    if (expected === null) expect(found).toBeNull();
    else expect(found?.description).toMatch(expected);
  });
});
