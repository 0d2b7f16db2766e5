import type { AwareOptions } from '../../../recipe/train.schema';
import { DOREFA } from './dorefa';
import { LSQ } from './lsq';
import type { AwareMethod } from './method';
import { PACT } from './pact';
import { RUNNING_RANGES } from './running-ranges';
import { WRPN } from './wrpn';

/** Methods of quantization-aware training by the name that recipes give them. */
export const METHODS: Readonly<Record<AwareOptions['method'], AwareMethod>> = {
  lsq: LSQ,
  dorefa: DOREFA,
  pact: PACT,
  wrpn: WRPN,
  ranges: RUNNING_RANGES,
};
