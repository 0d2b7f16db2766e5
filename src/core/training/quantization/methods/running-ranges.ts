import { abs, add, div, max, mul } from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import { reduceMax, reduceMin } from '../../graph/reduction';
import { concat, reshape, slice } from '../../graph/shaping';
import type { Term } from '../../graph/term';
import { largestMagnitude } from '../channel-figures';
import { activationGrid, weightGrid, type Grid } from '../grid';
import { fakeQuantize, quantizeByCodes } from '../straight-through';
import { binaryWeight, fixedStep } from './dorefa';
import { SMALLEST_STEP } from './lsq';
import type { AwareMethod } from './method';

/** What a running range keeps of the old at each step, as in TensorFlow's quantization-aware training. */
const KEPT = 0.999;

/**
 * Ranges that follow the values (Jacob et al. 2018): weights by the largest magnitude of each channel now, activations
 * by running minima and maxima, which stand still when the model is evaluated. Steps get no gradient.
 */
export const RUNNING_RANGES: AwareMethod = {
  channels: true,
  weight({ scope: { build }, weight, start, bits, axis }) {
    if (bits === 'binary') return binaryWeight(build, weight, largestMagnitude(start));
    const grid = weightGrid(bits);
    const step = build.unrecorded(() => weightStep(build, weight, axis, grid));
    return { value: fakeQuantize(build, weight, step, grid, 0), step };
  },
  activation({ scope, name, value, bits, range }) {
    const { build } = scope;
    const start = Float32Array.of(Math.min(range.min, 0), Math.max(range.max, 0));
    const before = scope.running(rangeOf(name), [2], start);
    const { zeroPoint } = fixedStep(bits, range);
    const grid = activationGrid(bits, zeroPoint);
    const step = build.unrecorded(() => {
      if (!scope.training) return activationStepOf(build, before, grid);
      const after = add(build, mul(build, before, KEPT), mul(build, boundsOf(build, value), 1 - KEPT));
      scope.update(rangeOf(name), after);
      return activationStepOf(build, after, grid);
    });
    const quantize = scope.training ? quantizeByCodes : fakeQuantize;
    return { value: quantize(build, value, step, grid, 0), step, zeroPoint };
  },
};

const rangeOf = (name: string): string => `${name}:range`;
const perCode = (bound: number): number => (bound === 0 ? 0 : Math.fround(1 / bound));

/** The step at which the largest magnitude of each channel is the last code. */
function weightStep(build: GraphBuilder, weight: Term, axis: number | null, { high }: Grid): Term {
  const axes = weight.shape.flatMap((_, each) => (each === axis ? [] : [each]));
  const most = reduceMax(build, abs(build, weight), axes);
  const step = max(build, div(build, most, Math.max(1, high)), SMALLEST_STEP);
  return axis === null ? reshape(build, step, []) : step;
}

/** The smallest and the largest value of a batch. */
function boundsOf(build: GraphBuilder, value: Term): Term {
  const one = (term: Term): Term => reshape(build, term, [1]);
  return concat(build, [one(reduceMin(build, value)), one(reduceMax(build, value))], 0);
}

/** The smallest step with which both bounds have a code. */
function activationStepOf(build: GraphBuilder, bounds: Term, { low, high }: Grid): Term {
  const [first, last] = [slice(build, bounds, [0], [0], [1]), slice(build, bounds, [0], [1], [2])];
  const needed = max(build, mul(build, first, perCode(low)), mul(build, last, perCode(high)));
  return reshape(build, max(build, needed, SMALLEST_STEP), []);
}
