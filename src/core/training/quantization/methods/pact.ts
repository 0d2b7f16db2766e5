import { div, mul } from '../../graph/arithmetic';
import { clipLearned, roundThrough } from '../straight-through';
import { DOREFA, dorefaWeight, fixedStep } from './dorefa';
import { learnedPositive, positiveIn } from './lsq';
import type { AwareMethod } from './method';
import { signedness } from './signedness';

/**
 * PACT (Choi et al. 2018): what is cut off from activations after a ReLU is learned, and begins with the range that
 * calibration found. Weights, and activations with negative values, as DoReFa has them.
 */
export const PACT: AwareMethod = {
  stored: 'palette',
  weight: dorefaWeight,
  activation(call) {
    const { scope, name, value, bits, range } = call;
    if (signedness(range, bits) !== 0) return DOREFA.activation(call);
    const { build } = scope;
    const bound = learnedPositive(scope, boundOf(name), [], Float32Array.of(range.max));
    const step = div(build, bound, 2 ** bits - 1);
    return mul(build, roundThrough(build, div(build, clipLearned(build, value, bound), step)), step);
  },
  activationStep({ name, bits, range }, values) {
    if (signedness(range, bits) !== 0) return fixedStep(bits, range);
    const bound = positiveIn(values, boundOf(name), range.max);
    return { scale: Math.fround(bound / (2 ** bits - 1)), zeroPoint: 0 };
  },
};

const boundOf = (name: string): string => `${name}:bound`;
