import { describe, expect, it } from 'vitest';
import { editDistance } from '../../../src/core/evaluation/metrics/written-text';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { initializer, int, model, node, value } from '../compression/models';
import { npz } from '../data/files';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { identity, measured, sines, withTest } from './judging';

const folder = scratchFolder();
const base = folder.path('.');

/** Scores of these characters, step by step: 0 is the blank. */
const steps = (...characters: number[]): number[][] =>
  characters.map((one) => [0, 1, 2, 3].map((other) => (other === one ? 5 : other / 10)));

describe('a model that writes', () => {
  it('is judged by texts without a mistake and by wrong characters', async () => {
    const file = folder.write('writer.onnx', await identity(['batch', 6, 4]));
    folder.write('alphabet.txt', 'a\nb\n');
    const rows = [
      // "ab a": repetitions are one character, a blank between two of them makes two; behind the alphabet is a space.
      { x: steps(1, 1, 2, 3, 0, 1), label: 'ab a' },
      { x: steps(1, 0, 1, 0, 0, 0), label: 'aa' },
      { x: steps(1, 2, 0, 0, 0, 0), label: 'bb' },
      { x: steps(0, 0, 0, 0, 0, 0), label: 'ab' },
    ];
    folder.write('lines.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    await withTest(
      'lines.jsonl',
      base,
      file,
      async (test) => {
        expect(test).toMatchObject({ labels: null, texts: ['ab a', 'aa', 'bb', 'ab'] });
        const { measurement } = await measured(file, test);
        expect(measurement).toMatchObject({ metric: 'exact-match', value: 0.5, samples: 4 });
        const error = measurement.metrics?.find(({ name }) => name === 'character error rate');
        // 0 + 0 + 1 + 2 of 4 + 2 + 2 + 2
        expect(error).toMatchObject({ value: 0.3, better: 'lower', unit: 'share' });
      },
      { alphabet: 'alphabet.txt' },
    );
  });

  it('is not judged by spaces before and behind the text, which no picture and no sound shows', async () => {
    const file = folder.write('writer.onnx', await identity(['batch', 6, 4]));
    folder.write('alphabet.txt', 'a\nb\n');
    const rows = [
      { x: steps(3, 1, 3, 2, 3, 0), label: 'a b' },
      { x: steps(1, 2, 0, 0, 0, 0), label: ' ab ' },
      { x: steps(1, 2, 0, 0, 0, 0), label: 'a b' },
    ];
    folder.write('spaced.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    await withTest(
      'spaced.jsonl',
      base,
      file,
      async (test) => {
        const { measurement } = await measured(file, test);
        expect(measurement.value).toBeCloseTo(2 / 3, 12);
        // One character of 3 + 2 + 3.
        expect(measurement.metrics?.find(({ name }) => name === 'character error rate')?.value).toBe(0.125);
      },
      { alphabet: 'alphabet.txt' },
    );
  });

  it('needs an alphabet that is one', async () => {
    const file = folder.write('writer.onnx', await identity(['batch', 6, 4]));
    folder.write('empty.txt', '\n');
    const open = (alphabet: string) => errorOf(withTest('lines.jsonl', base, file, async () => null, { alphabet }));
    const empty = await open('empty.txt');
    expect(empty.message).toMatch(/^"empty\.txt" is no alphabet\. /);
    expect(isSentence(empty.message)).toBe(true);
    expect((await open('lost.txt')).kind).toBe('not-found');
  });

  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['naïve 🙂', 'naive 🙂', 1],
  ])('%j is from %j as many changes away as it takes', (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance);
    expect(editDistance(other, one)).toBe(distance);
  });
});

describe('a language model', () => {
  it('is judged by how it expects each next token', async () => {
    // Scores come with the data: the model hands them on, and takes token numbers only to be asked about them.
    const parts = {
      nodes: [
        node('Cast', ['input_ids'], ['a'], { to: int(1) }),
        node('Cast', ['attention_mask'], ['b'], { to: int(1) }),
        node('Mul', ['a', 'zero'], ['c']),
        node('Mul', ['b', 'zero'], ['d']),
        node('Add', ['c', 'd'], ['e']),
        node('Unsqueeze', ['e', 'last'], ['f']),
        node('Add', ['scores', 'f'], ['logits']),
      ],
      weights: [initializer('zero', [], Float32Array.of(0)), initializer('last', [1], BigInt64Array.of(2n), 'int64')],
      inputs: [
        value('input_ids', ['batch', 4], 'int64'),
        value('attention_mask', ['batch', 4], 'int64'),
        value('scores', ['batch', 4, 5]),
      ],
      outputs: [value('logits', ['batch', 4, 5])],
    };
    const file = folder.write('language.onnx', await encodeOnnx(model(parts)));
    const int64 = (...values: number[]): BigInt64Array => BigInt64Array.from(values, BigInt);
    folder.write(
      'tokens.npz',
      npz({
        input_ids: { shape: [2, 4], values: int64(1, 3, 0, 2, 4, 4, 1, 0) },
        attention_mask: { shape: [2, 4], values: int64(1, 1, 1, 1, 1, 1, 1, 0) },
        scores: { shape: [2, 4, 5], values: sines(40, 0.37) },
      }),
    );
    await withTest('tokens.npz', base, file, async (test) => {
      const { measurement } = await measured(file, test);
      expect(measurement).toMatchObject({ metric: 'perplexity', samples: 2, headline: { better: 'lower' } });
      // NumPy: exp of the mean of -log softmax over the five tokens that are no padding
      expect(measurement.value).toBeCloseTo(4.859850716, 6);
    });
  });
});
