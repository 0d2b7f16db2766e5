import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe/parse';
import { withData } from '../../../src/core/recipe/write-data';

const TEXT = `# How the digits are made small
version: 1
data:
  test: data/test.npz # never seen in training
  input:
    scale: 1
    mean: 0.5
steps:
  - quantize: { weights: int8 } # as the shop wants it
`;

describe('data written into a recipe', () => {
  it('change what they change, and nothing else', () => {
    const written = withData(TEXT, { test: 'data/test.npz', labelOffset: 1, input: { scale: 0.5, channels: 'bgr' } });
    expect(written).toBe(
      TEXT.replace('    scale: 1\n    mean: 0.5\n', '    scale: 0.5\n    channels: bgr\n  labelOffset: 1\n'),
    );
  });

  it('are added where there are none', () => {
    const data = { all: 'd.npz', input: { mean: [1, 2, 3], crop: 'center' as const }, labels: ['1', '10'] };
    const written = withData('version: 1\n', data);
    expect(parseRecipe(written, 'x').data).toEqual(data);
  });

  it('are not written into what is no recipe', () => {
    expect(() => withData('version: 2\n', {})).toThrow('version is 2; use 1.');
  });
});
