import { EdgewiseError } from '../../../errors';
import { shapeText } from '../complaint';
import type { InputTarget } from '../raw-set';
import { framesOf, logMel, type MelOptions } from './log-mel';
import { resample } from './resample';
import type { Sound } from './wav';

/** What speech models are trained on, where nothing says otherwise. */
const DEFAULT_RATE = 16_000;
/** 25 ms and 10 ms at that rate. */
const DEFAULT_WINDOW = 400;
const DEFAULT_HOP = 160;

/** The sound that a model's input takes. */
export interface SoundWanted {
  readonly rate: number;
  /** Samples of the waveform at that rate: shorter sounds are filled up with silence, longer ones cut. */
  readonly length: number;
  /** Of what `make` gives. */
  readonly shape: readonly number[];
  /** A waveform of `length` samples as the input's values. */
  make(waveform: Float32Array): Float32Array;
}

/**
 * What the recipe declares and the model's input says: a waveform `[samples]`, or with mels a spectrogram
 * `[mels, frames]` or `[frames, mels]`.
 * @throws EdgewiseError `bad-recipe` where the length is open, or mels and the input do not fit
 */
export function soundWanted(target: InputTarget): SoundWanted {
  const { audio } = target.section ?? {};
  const rate = audio?.rate ?? DEFAULT_RATE;
  const sizes = (target.shape ?? []).filter((size) => size !== 1);
  if (audio?.mels === undefined) {
    const [length] = sizes;
    if (sizes.length !== 1 || typeof length !== 'number') throw notSound(target, 'one number of samples');
    return { rate, length, shape: [length], make: (waveform) => waveform };
  }
  const options = {
    rate,
    mels: audio.mels,
    window: audio.window ?? DEFAULT_WINDOW,
    hop: audio.hop ?? DEFAULT_HOP,
  };
  return spectrogramWanted(target, sizes, options);
}

function spectrogramWanted(target: InputTarget, sizes: readonly (number | null)[], options: MelOptions): SoundWanted {
  const { rate, mels, window, hop } = options;
  const melsFirst = sizes[0] === mels;
  const frames = melsFirst ? sizes[1] : sizes[0];
  const fits = sizes.length === 2 && (melsFirst || sizes[1] === mels) && typeof frames === 'number' && frames > 0;
  if (!fits) throw notSound(target, `${mels} mels over a number of windows`);
  const length = window + (frames - 1) * hop;
  return {
    rate,
    length,
    shape: melsFirst ? [mels, frames] : [frames, mels],
    make(waveform) {
      const bands = logMel(waveform, options);
      return melsFirst ? bands : transposed(bands, mels, framesOf(length, options));
    },
  };
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
}

function notSound({ name, shape }: InputTarget, what: string): EdgewiseError {
  const takes = shape === null ? 'any shape' : shapeText(shape);
  return new EdgewiseError(
    'bad-recipe',
    `The model's input ${name} takes ${takes}, which is not ${what}. Declare data.input.audio as the model was trained, or use a .npz.`,
  );
}

/** The part of a sound from `start` on (in samples of the wanted rate), as the model's input. */
export function soundValues(sound: Sound, wanted: SoundWanted, start = 0): Float32Array {
  const { samples } = resample(sound, wanted.rate);
  const waveform = new Float32Array(wanted.length);
  waveform.set(samples.subarray(start, start + wanted.length));
  return wanted.make(waveform);
}
