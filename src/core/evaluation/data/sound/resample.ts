import type { Sound } from './wav';

/** Zero crossings of the sinc on each side: 64 taps at equal rates, as resampy's best filter. */
const CROSSINGS = 32;
/** Share of the lower rate's band that passes: the rest is where the filter falls. */
const ROLLOFF = 0.945;
/** Kaiser's window, some 100 dB down beside the band. */
const BETA = 10;

/** A sound at another rate, by a windowed sinc (Smith, Digital Audio Resampling Home Page, 2002). */
export function resample({ rate, samples }: Sound, to: number): Sound {
  if (rate === to) return { rate, samples };
  const ratio = to / rate;
  // Going down, the filter widens so that nothing folds back.
  const cutoff = Math.min(1, ratio) * ROLLOFF;
  const reach = CROSSINGS / cutoff;
  const out = new Float32Array(Math.ceil(samples.length * ratio));
  for (let index = 0; index < out.length; index++) {
    const centre = index / ratio;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let at = first; at <= last; at++) {
      const distance = at - centre;
      sum += (samples[at] ?? 0) * cutoff * sinc(cutoff * distance) * kaiser(distance / reach);
    }
    out[index] = sum;
  }
  return { rate: to, samples: out };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) > 1 ? 0 : besselI0(BETA * Math.sqrt(1 - x * x)) / BESSEL_AT_BETA;
}

/** The modified Bessel function of order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const BESSEL_AT_BETA = besselI0(BETA);
