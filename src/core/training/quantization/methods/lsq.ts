import { elementsOf } from '../../../model/model';
import type { Range } from '../../../compression/calibration/range';
import { exp, min, mul } from '../../graph/arithmetic';
import type { Term } from '../../graph/term';
import { channelFigures, channelShape, leastErrorStep, meanMagnitude } from '../channel-figures';
import { activationGrid, weightGrid, type WeightBits } from '../grid';
import { fakeQuantize, quantizeByCodes, signThrough } from '../straight-through';
import { SCALES } from '../variables';
import { signedness } from './signedness';
import type { TransformScope } from '../../transform';
import type { AwareMethod } from './method';

/** The smallest step: of weights that are all zero. */
export const SMALLEST_STEP = 1e-8;

/**
 * A positive number that is learned as its logarithm: it never turns negative, and optimizers that move everything
 * alike move it in proportion to its size.
 */
export function learnedPositive(
  scope: TransformScope,
  name: string,
  shape: readonly number[],
  start: Float32Array,
): Term {
  return exp(scope.build, scope.learned(name, shape, logarithmsOf(start), SCALES));
}

const logarithmsOf = (numbers: Float32Array): Float32Array =>
  numbers.map((value) => Math.log(Math.max(value, SMALLEST_STEP)));

/** Of each channel, the step from which its values lie least far. */
function stepsOf(values: Float32Array, shape: readonly number[], bits: WeightBits, axis: number | null): Float32Array {
  const { low, high } = weightGrid(bits);
  const figure = bits === 'binary' ? meanMagnitude : (channel: Float32Array) => leastErrorStep(channel, low, high);
  return channelFigures(values, shape, axis, figure);
}

/** Learned step sizes (Esser et al. 2020). Weights begin with the step of least squared error. */
export const LSQ: AwareMethod = {
  channels: true,
  weight({ scope, name, weight, start, bits, axis }) {
    const { build } = scope;
    const { low, high } = weightGrid(bits);
    const shape = channelShape(weight.shape, axis);
    const step = learnedPositive(scope, stepOf(name), shape, stepsOf(start, weight.shape, bits, axis));
    if (bits === 'binary') return { value: mul(build, signThrough(build, weight), step), step };
    const shared = elementsOf(weight.shape) / elementsOf(shape);
    const gradientScale = 1 / Math.sqrt(shared * Math.max(high, 1));
    return { value: fakeQuantize(build, weight, step, { low, high }, gradientScale), step };
  },
  activation({ scope, name, value, bits, range, most }) {
    const { zeroPoint, start } = activationStart(range, bits);
    const grid = activationGrid(bits, zeroPoint);
    const free = learnedPositive(scope, stepOf(name), [], Float32Array.of(start));
    const step = most === undefined ? free : min(scope.build, free, Math.fround(most / Math.max(1, grid.high)));
    const gradientScale = scope.training ? activationGradientScale(value, grid.high) : 0;
    const quantize = scope.training ? quantizeByCodes : fakeQuantize;
    return { value: quantize(scope.build, value, step, grid, gradientScale), step, zeroPoint };
  },
  weightAt: ({ name, values, shape, bits, axis }) =>
    new Map([[stepOf(name), logarithmsOf(stepsOf(values, shape, bits, axis))]]),
  /** The last code stands for what it stood for. */
  activationAt({ name, from, to, values }) {
    const now = values.get(stepOf(name)) ?? new Float32Array(0);
    const wider = Math.log((2 ** from - 1) / (2 ** to - 1));
    return new Map([[stepOf(name), now.map((logarithm) => logarithm + wider)]]);
  },
};

/** The step that holds the range that calibration found. */
function activationStart(range: Range, bits: number): { zeroPoint: number; start: number } {
  const zeroPoint = signedness(range, bits);
  const { low, high } = activationGrid(bits, zeroPoint);
  return { zeroPoint, start: Math.max(range.max / Math.max(1, high), low === 0 ? 0 : range.min / low) };
}

/** By the values of one sample: a larger batch is no reason to learn faster. */
const activationGradientScale = ({ shape }: Term, high: number): number =>
  1 / Math.sqrt((elementsOf(shape) / (shape[0] ?? 1)) * Math.max(high, 1));

export const stepOf = (name: string): string => `${name}:step`;
