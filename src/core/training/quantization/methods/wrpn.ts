import { add, clip, mul } from '../../graph/arithmetic';
import { largestMagnitude } from '../channel-figures';
import { signThrough } from '../straight-through';
import { DOREFA, scaledLevels } from './dorefa';
import type { AwareMethod } from './method';

/**
 * WRPN (Mishra et al. 2018): weights cut at -1 and 1 and rounded to equal steps, here in units of the largest magnitude
 * that the weight began with. The paper makes layers wider beside; that is another network. Activations as DoReFa.
 */
export const WRPN: AwareMethod = {
  ...DOREFA,
  weight({ scope: { build }, weight, start, bits }) {
    const largest = Math.max(largestMagnitude(start), Number.MIN_VALUE);
    if (bits === 'binary') return mul(build, signThrough(build, weight), largest);
    const levels = bits === 'ternary' ? 2 : 2 ** bits - 2;
    const unit = add(build, mul(build, clip(build, mul(build, weight, 1 / largest), -1, 1), 0.5), 0.5);
    return scaledLevels(build, unit, levels, largest);
  },
};
