import type { RuleFamily } from '../../family';
import { AVERAGE_POOLING } from './average';
import { LP_POOLING } from './lp';
import { MAX_POOLING } from './max';

export const POOLING: RuleFamily = { ...AVERAGE_POOLING, ...LP_POOLING, ...MAX_POOLING };
