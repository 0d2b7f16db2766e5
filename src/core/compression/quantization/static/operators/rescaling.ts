import { floatAttribute } from '../../../graph/attributes';
import type { RescalingRule } from './rule';

/** ONNX's defaults. */
const ALPHA = 0.2;
const BETA = 0.5;

/**
 * `max(0, min(1, alpha * x + beta))`: codes 0 to the highest over the x that it maps to 0 and 1, read as 0 to 1. Its
 * zero point is rounded, which moves the result by half a code at most. ONNX Runtime has no integer kernel for it; in
 * float, squeeze-and-excitation would leave the integer kernels for it and for the product after it.
 */
export const hardSigmoid: RescalingRule = {
  role: 'rescaling',
  codes(node, highestCode) {
    const alpha = floatAttribute(node, 'alpha', ALPHA);
    const beta = floatAttribute(node, 'beta', BETA);
    if (!(alpha > 0) || !(beta >= 0 && beta <= 1)) return null;
    return {
      written: { scale: Math.fround(1 / (highestCode * alpha)), zeroPoint: Math.round(beta * highestCode) },
      read: { scale: Math.fround(1 / highestCode), zeroPoint: 0 },
    };
  },
};
