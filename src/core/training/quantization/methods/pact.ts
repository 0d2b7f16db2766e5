import { div, min, mul } from '../../graph/arithmetic';
import { clipLearned, roundThrough } from '../straight-through';
import { DOREFA, dorefaWeight } from './dorefa';
import { learnedPositive } from './lsq';
import type { AwareMethod } from './method';
import { signedness } from './signedness';

/**
 * PACT (Choi et al. 2018): what is cut off from activations after a ReLU is learned, and begins with the range that
 * calibration found. Weights, and activations with negative values, as DoReFa has them.
 */
export const PACT: AwareMethod = {
  channels: false,
  weight: dorefaWeight,
  activation(call) {
    const { scope, name, value, bits, range, most } = call;
    if (signedness(range, bits) !== 0) return DOREFA.activation(call);
    const { build } = scope;
    const free = learnedPositive(scope, boundOf(name), [], Float32Array.of(range.max));
    const bound = most === undefined ? free : min(build, free, most);
    const step = div(build, bound, 2 ** bits - 1);
    const codes = roundThrough(build, div(build, clipLearned(build, value, bound), step));
    return { value: mul(build, codes, step), step, zeroPoint: 0 };
  },
};

const boundOf = (name: string): string => `${name}:bound`;
