import { describe, expect, it } from 'vitest';
import { triedText } from '../../src/host/data-preview/tried-text';
import type { TriedPreprocessing } from '../../src/protocol/engine';

const tried = (changes: Partial<TriedPreprocessing>): TriedPreprocessing => ({
  title: 'values from 0 to 1',
  words: 'times 1/255',
  data: { test: 'a.npz', input: { scale: 1 / 255 } },
  flags: '--scale 1/255',
  accuracy: 0.984,
  confidence: 0.9,
  samples: 128,
  ...changes,
});

describe('a way to prepare pictures that was tried', () => {
  it('says how many answers were right, and what it does', () => {
    expect(triedText(tried({}), { test: 'a.npz' })).toEqual({
      label: 'Values from 0 to 1',
      description: '98 % of 128 samples right',
      detail: 'times 1/255',
    });
  });

  it('says how sure the model was where there are no labels', () => {
    expect(triedText(tried({ accuracy: null }), {}).description).toBe('90 % sure on average, no labels');
  });

  it('says that it is what the data are prepared by now', () => {
    const { description } = triedText(tried({}), { input: { scale: 1 / 255 }, test: 'a.npz' });
    expect(description).toBe('98 % of 128 samples right · as it is now');
  });

  it('says what it does to labels', () => {
    const data = { test: 'photos', labels: ['1', '2', '10'], labelOffset: 1 };
    expect(triedText(tried({ data }), {}).detail).toBe('times 1/255; classes: 1, 2, 10; labels +1');
  });
});
