import { abs, add, clip, div, mul, sub, tanh } from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import { reduceMax } from '../../graph/reduction';
import { reshape } from '../../graph/shaping';
import type { Term } from '../../graph/term';
import { largestMagnitude } from '../channel-figures';
import { roundThrough, signThrough } from '../straight-through';
import type { ActivationCall, ActivationStep, AwareMethod, WeightCall } from './method';

/**
 * DoReFa-Net (Zhou et al. 2016): `2 * round(L * (tanh(w) / (2 max |tanh(w)|) + 1/2)) / L - 1`, `L = 2^bits - 1`, times
 * the largest magnitude that the weight began with, so that a trained network goes on from where it is. Activations
 * are cut at the range that calibration found and rounded to `L` equal steps.
 */
export const DOREFA: AwareMethod = {
  stored: 'palette',
  weight: dorefaWeight,
  activation({ scope: { build }, value, bits, range }) {
    const { scale, levels, low } = steps(bits, range);
    const codes = clip(build, roundThrough(build, div(build, value, scale)), low, levels + low);
    return mul(build, codes, scale);
  },
  activationStep: ({ bits, range }) => fixedStep(bits, range),
};

export function dorefaWeight({ scope: { build }, weight, start, bits }: WeightCall): Term {
  const largest = largestMagnitude(start);
  if (bits === 'binary') return mul(build, signThrough(build, weight), largest);
  const levels = bits === 'ternary' ? 2 : 2 ** bits - 1;
  const squashed = tanh(build, weight);
  const most = reshape(build, reduceMax(build, abs(build, squashed)), []);
  const unit = add(build, div(build, squashed, mul(build, most, 2)), 0.5);
  return scaledLevels(build, unit, levels, largest);
}

/** `(2 * round(L u) / L - 1) * largest` of `u` from 0 to 1. */
export function scaledLevels(build: GraphBuilder, unit: Term, levels: number, largest: number): Term {
  const codes = roundThrough(build, mul(build, unit, levels));
  return mul(build, sub(build, mul(build, codes, 2 / levels), 1), largest);
}

function steps(bits: number, range: ActivationCall['range']): { scale: number; levels: number; low: number } {
  const { scale, zeroPoint } = fixedStep(bits, range);
  return { scale, levels: 2 ** bits - 1, low: -zeroPoint };
}

/** Equal steps over the range, zero among them. */
export function fixedStep(bits: number, range: ActivationCall['range']): ActivationStep {
  const levels = 2 ** bits - 1;
  const [low, high] = [Math.min(range.min, 0), Math.max(range.max, 0)];
  const scale = Math.fround((high - low) / levels);
  if (scale === 0) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: Math.min(levels, Math.max(0, Math.round(-low / scale))) };
}
