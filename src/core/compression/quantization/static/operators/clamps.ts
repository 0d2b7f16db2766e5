import type { ClampRule } from './rule';

export const relu: ClampRule = { role: 'clamp', cutsAtZero: () => true };

/** ReLU6 and the like; bounds are inputs 1 and 2. */
export const clipRule: ClampRule = {
  role: 'clamp',
  cutsAtZero: (node, numberOf) => {
    const [, low = '', high = ''] = node.inputs;
    const upper = high === '' ? Infinity : numberOf(high);
    return low !== '' && numberOf(low) === 0 && upper !== null && upper >= 0;
  },
};
