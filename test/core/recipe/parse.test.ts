import { describe, expect, it } from 'vitest';
import { EdgewiseError } from '../../../src/core/errors';
import { parseRecipe } from '../../../src/core/recipe/parse';

const FILE = 'edgewise.yaml';

function complaint(text: string): string {
  try {
    parseRecipe(text, FILE);
  } catch (error) {
    if (EdgewiseError.is(error, 'bad-recipe')) return error.message;
    throw error;
  }
  throw new Error('The recipe was accepted.');
}

describe('a recipe', () => {
  it('is read with the defaults of its schema', () => {
    const recipe = parseRecipe('version: 1\nmodel: digits.onnx\nsteps:\n  - quantize: { weights: int8 }\n', FILE);
    expect(recipe).toEqual({
      version: 1,
      model: 'digits.onnx',
      steps: [
        {
          quantize: {
            weights: 'int8',
            activations: 'float32',
            granularity: 'channel',
            keep: [],
            samples: 512,
            reduceRange: 'auto',
          },
        },
      ],
    });
  });

  it('may be JSON, which is YAML', () => {
    expect(parseRecipe('{"version": 1}', FILE)).toEqual({ version: 1, steps: [] });
  });

  it('may use anchors', () => {
    const text = 'version: 1\ndata:\n  calibration: &set { path: a.npz, limit: 5 }\n  test: *set\n';
    expect(parseRecipe(text, FILE).data?.test).toEqual({ path: 'a.npz', limit: 5 });
  });
});

describe('what is wrong with a recipe is told with file, line and what is allowed', () => {
  const cases: [what: string, text: string, sentence: string][] = [
    [
      'a value that is not allowed',
      'version: 1\nmodel: digits.onnx\ndata:\n  all: digits.npz\nsteps:\n  - quantize:\n      weights: int9\n',
      "edgewise.yaml, line 7: steps[0].quantize.weights is 'int9'; use float32, float16, bfloat16, int8, int6, int5, int4, int3, int2 or int1.",
    ],
    [
      'a key that is not known',
      'version: 1\nstep: []\n',
      "edgewise.yaml, line 2: a recipe has no 'step'; it may have version, model, data, target, steps, shortNames or output.",
    ],
    [
      'a step that does not exist',
      'version: 1\nsteps:\n  - prun: { level: 0.5 }\n',
      "edgewise.yaml, line 3: steps[0] has no 'prun'; it may have quantize, train, distil or student.",
    ],
    [
      'an unknown key in data that may be a text or a mapping',
      'version: 1\ndata:\n  test: { pth: a.npz }\n',
      "edgewise.yaml, line 3: data.test has no 'pth'; it may have path, labels, label, limit or random.",
    ],
    [
      'data of the wrong type',
      'version: 1\ndata:\n  test: 5\n',
      'edgewise.yaml, line 3: data.test is 5; use a text, a mapping with path, labels, label or limit or a mapping with random.',
    ],
    [
      'a number out of range',
      'version: 1\ntarget:\n  maxDrop: -1\n',
      'edgewise.yaml, line 3: target.maxDrop is -1; use a number of at least 0.',
    ],
    [
      'a size with one number',
      'version: 1\ndata:\n  input:\n    size: [28]\n',
      'edgewise.yaml, line 4: data.input.size is a list of 1; use a list of 2 numbers.',
    ],
    ['a missing version', 'model: digits.onnx\n', 'edgewise.yaml: version is missing; give 1.'],
    ['a future version', 'version: 2\n', 'edgewise.yaml, line 1: version is 2; use 1.'],
    ['an empty file', '', "edgewise.yaml: it is empty; a recipe begins with 'version: 1'."],
    [
      'a text',
      'hello',
      'edgewise.yaml: a recipe is a mapping with version, model, data, target, steps, shortNames or output.',
    ],
  ];
  it.each(cases)('%s', (_what, text, sentence) => expect(complaint(text)).toBe(sentence));

  it('broken YAML, with its line', () => {
    expect(complaint('version: 1\nsteps: [\n')).toMatch(/^edgewise\.yaml, line \d: this is not valid YAML: .*\.$/);
  });

  it('the same key twice', () => {
    expect(complaint('version: 1\nversion: 1\n')).toMatch(/^edgewise\.yaml, line 2: 'version' is there twice\.$/);
  });
});

describe('hostile recipes', () => {
  it('a schedule of Distiller is recognised', () => {
    expect(complaint('version: 1\npruners:\n  p: {class: X}\npolicies:\n  - pruner: {instance_name: p}\n')).toMatch(
      /schedule of Distiller.*policies/,
    );
  });

  it('custom tags are refused', () => {
    expect(complaint('version: 1\nmodel: !!js/function "x"\n')).toMatch(/line 2: this is not valid YAML/);
    expect(complaint('version: !python/object:os.system 1\n')).toMatch(/line 1: this is not valid YAML/);
  });

  it('aliases that multiply are refused before they fill memory', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const previous = level === 0 ? '"x"' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(9).fill(previous).join(', ')}]`;
    });
    expect(complaint(levels.join('\n'))).toMatch(/aliases expand too far/);
  });

  it('nesting without end gets a sentence', () => {
    for (const text of ['['.repeat(200_000), 'a: {'.repeat(60_000), '- '.repeat(120_000), '? '.repeat(120_000)])
      expect(complaint(text)).toBe('edgewise.yaml: it is nested too deeply.');
  });

  it('blank lines and keys without end are read in time', () => {
    expect(complaint('\n'.repeat(250_000))).toMatch(/it is empty/);
    expect(complaint('a:\n'.repeat(80_000))).toMatch(/line 2: 'a' is there twice/);
  });

  it('a huge file is refused', () => {
    expect(complaint('#'.repeat(2_000_000))).toMatch(/larger than 256 KB/);
  });

  it('keys of the prototype are keys like others', () => {
    expect(complaint('version: 1\n__proto__: {polluted: 1}\n')).toMatch(/__proto__|mapping/);
    expect('polluted' in {}).toBe(false);
  });
});
