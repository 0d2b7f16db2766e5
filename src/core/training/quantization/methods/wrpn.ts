import { clip, mul } from '../../graph/arithmetic';
import { largestMagnitude } from '../channel-figures';
import { binaryWeight, DOREFA, equalSteps } from './dorefa';
import { SMALLEST_STEP } from './lsq';
import type { AwareMethod } from './method';

/**
 * WRPN (Mishra et al. 2018): weights cut at -1 and 1 and rounded to equal steps, here in units of the largest magnitude
 * that the weight began with. The paper makes layers wider beside; that is another network. Activations as DoReFa.
 */
export const WRPN: AwareMethod = {
  ...DOREFA,
  weight({ scope: { build }, weight, start, bits }) {
    const largest = Math.max(largestMagnitude(start), SMALLEST_STEP);
    if (bits === 'binary') return binaryWeight(build, weight, largest);
    return equalSteps(build, clip(build, mul(build, weight, 1 / largest), -1, 1), bits, largest);
  },
};
