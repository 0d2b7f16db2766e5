/** How a waveform becomes bands over time. */
export interface MelOptions {
  /** Hz. */
  readonly rate: number;
  /** Bands. */
  readonly mels: number;
  /** Samples a window, and from one to the next. */
  readonly window: number;
  readonly hop: number;
}

/** Powers below this are silence: the logarithm's floor. */
const LEAST_POWER = 1e-10;

/** How many windows a waveform of `samples` has: none reaches beyond its end. */
export function framesOf(samples: number, { window, hop }: Pick<MelOptions, 'window' | 'hop'>): number {
  return samples < window ? 0 : 1 + Math.floor((samples - window) / hop);
}

/**
 * Natural logarithms of the power in mel bands: Hann windows, a Fourier transform of the next power of two, triangles
 * on HTK's scale (2595 log10(1 + f / 700)) from 0 to half the rate, without normalization.
 * @returns `[mels, frames]`, row-major
 */
export function logMel(samples: Float32Array, options: MelOptions): Float32Array {
  const { window, hop, mels } = options;
  const frames = framesOf(samples.length, options);
  const points = 2 ** Math.ceil(Math.log2(window));
  const hann = Float64Array.from({ length: window }, (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / window));
  const bands = melBands(options, points);
  const out = new Float32Array(mels * frames);
  for (let frame = 0; frame < frames; frame++) {
    const real = new Float64Array(points);
    for (let at = 0; at < window; at++) real[at] = (samples[frame * hop + at] ?? 0) * (hann[at] ?? 0);
    const power = powerSpectrum(real);
    bands.forEach(({ first, weights }, mel) => {
      const sum = weights.reduce((total, weight, at) => total + weight * (power[first + at] ?? 0), 0);
      out[mel * frames + frame] = Math.log(Math.max(LEAST_POWER, sum));
    });
  }
  return out;
}

interface Band {
  readonly first: number;
  readonly weights: Float64Array;
}

function melBands({ rate, mels }: MelOptions, points: number): Band[] {
  const toMel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
  const toHertz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);
  const highest = toMel(rate / 2);
  const edges = Array.from({ length: mels + 2 }, (_, index) => toHertz((highest * index) / (mels + 1)));
  const width = rate / points;
  return Array.from({ length: mels }, (_, mel) => {
    const [low = 0, centre = 0, high = 0] = edges.slice(mel, mel + 3);
    const first = Math.ceil(low / width);
    const last = Math.floor(high / width);
    const weights = Float64Array.from({ length: Math.max(0, last - first + 1) }, (_unused, at) => {
      const hertz = (first + at) * width;
      return Math.max(0, Math.min((hertz - low) / (centre - low), (high - hertz) / (high - centre)));
    });
    return { first, weights };
  });
}

/** |X|^2 of a real signal whose length is a power of two, for the frequencies 0 to half (radix-2, in place). */
function powerSpectrum(real: Float64Array): Float64Array {
  const points = real.length;
  const imaginary = new Float64Array(points);
  reorder(real);
  for (let size = 2; size <= points; size *= 2) {
    const half = size / 2;
    for (let offset = 0; offset < half; offset++) {
      const angle = (-2 * Math.PI * offset) / size;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      for (let even = offset; even < points; even += size) {
        const odd = even + half;
        const [re, im] = [real[odd] ?? 0, imaginary[odd] ?? 0];
        const [turnedRe, turnedIm] = [re * cosine - im * sine, re * sine + im * cosine];
        const [keptRe, keptIm] = [real[even] ?? 0, imaginary[even] ?? 0];
        [real[even], imaginary[even]] = [keptRe + turnedRe, keptIm + turnedIm];
        [real[odd], imaginary[odd]] = [keptRe - turnedRe, keptIm - turnedIm];
      }
    }
  }
  return Float64Array.from({ length: points / 2 + 1 }, (_, at) => (real[at] ?? 0) ** 2 + (imaginary[at] ?? 0) ** 2);
}

/** Values by their bit-reversed positions. */
function reorder(values: Float64Array): void {
  const points = values.length;
  for (let index = 1, reversed = 0; index < points; index++) {
    let bit = points >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (index < reversed) [values[index], values[reversed]] = [values[reversed] ?? 0, values[index] ?? 0];
  }
}
