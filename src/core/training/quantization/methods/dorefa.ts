import { abs, clip, div, mul, tanh } from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import { reduceMax } from '../../graph/reduction';
import { reshape } from '../../graph/shaping';
import type { Term } from '../../graph/term';
import { largestMagnitude } from '../channel-figures';
import { roundThrough, signThrough } from '../straight-through';
import { activationGrid, weightGrid } from '../grid';
import type { ActivationCall, AwareMethod, QuantizedWeight, WeightCall } from './method';

/**
 * DoReFa-Net (Zhou et al. 2016): `2 * round(L * (tanh(w) / (2 max |tanh(w)|) + 1/2)) / L - 1`, times the largest
 * magnitude that the weight began with, so that a trained network goes on from where it is. `L = 2^bits - 2`, one less
 * than the paper's, so that zero is among the values and they are stored as signed codes. Activations are cut at the
 * range that calibration found and rounded to equal steps.
 */
export const DOREFA: AwareMethod = {
  channels: false,
  weight: dorefaWeight,
  activation({ scope: { build }, value, bits, range }) {
    const { scale, zeroPoint } = fixedStep(bits, range);
    const step = build.constant(scale);
    const { low, high } = activationGrid(bits, zeroPoint);
    const codes = clip(build, roundThrough(build, div(build, value, step)), low, high);
    return { value: mul(build, codes, step), step, zeroPoint };
  },
};

export function dorefaWeight({ scope: { build }, weight, start, bits }: WeightCall): QuantizedWeight {
  const largest = largestMagnitude(start);
  if (bits === 'binary') return binaryWeight(build, weight, largest);
  const squashed = tanh(build, weight);
  const most = reshape(build, reduceMax(build, abs(build, squashed)), []);
  return equalSteps(build, div(build, squashed, most), bits, largest);
}

/** The sign times a number. */
export function binaryWeight(build: GraphBuilder, weight: Term, magnitude: number): QuantizedWeight {
  const step = build.constant(magnitude);
  return { value: mul(build, signThrough(build, weight), step), step };
}

/** Numbers from -1 to 1 rounded to equal steps and made as large as the weight was. */
export function equalSteps(
  build: GraphBuilder,
  unit: Term,
  bits: number | 'ternary',
  largest: number,
): QuantizedWeight {
  const { high } = weightGrid(bits === 2 ? 'ternary' : bits);
  const step = build.constant(Math.fround(largest / high));
  return { value: mul(build, roundThrough(build, mul(build, unit, high)), step), step };
}

/** Equal steps over the range, zero among them. */
export function fixedStep(bits: number, range: ActivationCall['range']): { scale: number; zeroPoint: number } {
  const levels = 2 ** bits - 1;
  const [low, high] = [Math.min(range.min, 0), Math.max(range.max, 0)];
  const scale = Math.fround((high - low) / levels);
  if (scale === 0) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: Math.min(levels, Math.max(0, Math.round(-low / scale))) };
}
