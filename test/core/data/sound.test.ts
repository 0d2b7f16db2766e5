import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logMel } from '../../../src/core/evaluation/data/sound/log-mel';
import { resample } from '../../../src/core/evaluation/data/sound/resample';
import { decodeWav } from '../../../src/core/evaluation/data/sound/wav';
import { EdgewiseError } from '../../../src/core/errors';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { wav } from './files';
import { valuesAt, withSet } from './opened';

const folder = scratchFolder();
const base = folder.path('.');
const waveform = { name: 'wave', dtype: 'float32', shape: ['batch', 1, 4] };

function refusal(bytes: Uint8Array): string {
  try {
    decodeWav(bytes, 'a.wav');
  } catch (error) {
    if (error instanceof EdgewiseError) return error.message;
  }
  throw new Error('It was read.');
}

describe('a WAV file', () => {
  it.each([
    ['8 bits, unsigned', wav(8000, 1, Uint8Array.of(0, 128, 192, 255)), [-1, 0, 0.5, 127 / 128]],
    ['16 bits', wav(8000, 1, Int16Array.of(-32768, 0, 16384)), [-1, 0, 0.5]],
    ['24 bits', wav(8000, 1, Uint8Array.of(0, 0, 0x80, 0, 0, 0x40), { bits: 24 }), [-1, 0.5]],
    ['floats', wav(8000, 1, Float32Array.of(-0.25, 1.5)), [-0.25, 1.5]],
    ['two channels, averaged', wav(8000, 2, Int16Array.of(16384, 0, -16384, -16384)), [0.25, -0.5]],
  ])('of %s', (_title, bytes, expected) => {
    const { rate, samples } = decodeWav(bytes, 'a.wav');
    expect(rate).toBe(8000);
    expect([...samples]).toEqual(expected);
  });

  it('that is cut off in its sound gives what is there', () => {
    const bytes = wav(8000, 1, Int16Array.of(1, 2, 3, 4));
    expect(decodeWav(bytes.subarray(0, bytes.length - 3), 'a.wav').samples).toHaveLength(2);
  });

  it('that is none, compressed, or makes no sense is refused in a sentence', () => {
    const good = wav(8000, 1, Int16Array.of(1, 2, 3, 4));
    const messages = [
      refusal(Buffer.from('nothing at all, just text')),
      refusal(wav(8000, 1, Int16Array.of(1), { kind: 85 })),
      refusal(wav(8000, 0, Int16Array.of(1))),
      refusal(good.subarray(0, 30)),
      refusal(good.subarray(0, 40)),
    ];
    expect(messages[0]).toMatch(/not a WAV file inside/);
    expect(messages[1]).toMatch(/compressed or of 16 bits/);
    expect(messages[2]).toMatch(/0 channels at 8000 Hz/);
    for (const message of messages) expect(isSentence(message)).toBe(true);
  });
});

describe('resampling', () => {
  const sine = (rate: number, hertz: number, seconds: number): Float32Array =>
    Float32Array.from({ length: rate * seconds }, (_, at) => Math.sin((2 * Math.PI * hertz * at) / rate));

  it.each([
    [44_100, 16_000],
    [8000, 16_000],
    [22_050, 48_000],
  ])('from %i to %i Hz keeps a tone', (from, to) => {
    const { samples } = resample({ rate: from, samples: sine(from, 1000, 0.2) }, to);
    const expected = sine(to, 1000, 0.2);
    expect(Math.abs(samples.length - expected.length)).toBeLessThanOrEqual(1);
    // At both ends the filter reaches beyond the sound.
    const middle = Array.from({ length: 1000 }, (_, at) =>
      Math.abs((samples[at + 600] ?? 0) - (expected[at + 600] ?? 0)),
    );
    expect(Math.max(...middle)).toBeLessThan(1e-3);
  });

  it('leaves nothing of a tone that the lower rate cannot hold', () => {
    const { samples } = resample({ rate: 48_000, samples: sine(48_000, 10_000, 0.2) }, 16_000);
    expect(Math.max(...samples.subarray(600, 2000).map(Math.abs))).toBeLessThan(1e-3);
  });
});

describe('log-mel bands', () => {
  it('are those that NumPy makes with its own Fourier transform', () => {
    const samples = Float32Array.from({ length: 1000 }, (_, at) => Math.sin(0.05 * at) + 0.5 * Math.sin(0.9 * at + 1));
    const bands = logMel(samples, { rate: 16_000, mels: 8, window: 400, hop: 160 });
    expect(bands).toHaveLength(8 * 4);
    const column = (frame: number): number[] => Array.from({ length: 8 }, (_, mel) => bands[mel * 4 + frame] ?? 0);
    const first = [9.288008, -2.654714, -8.097563, -6.30378, 8.29363, 6.686703, -13.110711, -17.111445];
    const last = [9.288007, -2.656717, -8.13153, -6.311566, 8.29363, 6.686704, -13.060626, -16.995015];
    first.forEach((value, mel) => expect(column(0)[mel]).toBeCloseTo(value, 3));
    last.forEach((value, mel) => expect(column(3)[mel]).toBeCloseTo(value, 3));
  });
});

describe('sounds as samples', () => {
  it('of one recording are its pieces, in the model’s rate and length', async () => {
    folder.write(
      'long.wav',
      wav(
        16_000,
        1,
        Float32Array.from({ length: 11 }, (_, at) => at / 16),
      ),
    );
    await withSet(base, 'long.wav', [waveform], async (set) => {
      expect(set).toMatchObject({ length: 2, labels: null });
      expect(set.inputs['wave']).toEqual({ dtype: 'float32', shape: [1, 4] });
      expect(await valuesAt(set, 'wave', [1])).toEqual([4, 5, 6, 7].map((at) => at / 16));
    });
  });

  it('of a folder have its folders as classes, and are filled up with silence', async () => {
    for (const [name, value] of [
      ['no', 0.25],
      ['yes', 0.5],
    ] as const) {
      mkdirSync(folder.path(`words/${name}`), { recursive: true });
      folder.write(`words/${name}/1.wav`, wav(16_000, 1, Float32Array.of(value, value)));
    }
    await withSet(base, 'words', [waveform], async (set) => {
      expect(set).toMatchObject({ classNames: ['no', 'yes'], labels: Int32Array.of(0, 1) });
      expect(await valuesAt(set, 'wave', [0, 1])).toEqual([0.25, 0.25, 0, 0, 0.5, 0.5, 0, 0]);
    });
  });

  it('become a spectrogram in the order that the model takes', async () => {
    folder.write(
      'tone.wav',
      wav(
        16_000,
        1,
        Float32Array.from({ length: 1000 }, (_, at) => Math.sin(0.05 * at)),
      ),
    );
    const data = { input: { audio: { mels: 8, window: 64, hop: 32 } } };
    const values = async (shape: (number | string)[]): Promise<number[]> =>
      withSet(base, 'tone.wav', [{ ...waveform, shape }], (set) => valuesAt(set, 'wave', [0]), data);
    const melsFirst = await values(['batch', 1, 8, 5]);
    const framesFirst = await values(['batch', 5, 8]);
    expect(framesFirst).toEqual(
      [0, 1, 2, 3, 4].flatMap((f) => [0, 1, 2, 3, 4, 5, 6, 7].map((m) => melsFirst[m * 5 + f])),
    );
  });

  it('are refused for inputs that take no sound', async () => {
    folder.write('short.wav', wav(16_000, 1, Int16Array.of(1)));
    for (const shape of [
      ['batch', 'length'],
      ['batch', 3, 8, 8],
    ]) {
      const error = await errorOf(withSet(base, 'short.wav', [{ ...waveform, shape }], () => null));
      expect(error.message).toMatch(/which is not one number of samples\. Declare data\.input\.audio/);
      expect(isSentence(error.message)).toBe(true);
    }
  });
});
