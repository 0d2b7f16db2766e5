import { union } from '../range';
import type { ExtremesMethod } from './method';

/** Everything that was seen. */
export const minmax: ExtremesMethod = { observes: 'extremes', add: union };
