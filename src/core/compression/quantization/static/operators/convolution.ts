import { elementsOf } from '../../../../model/model';
import { intAttribute } from '../../../graph/attributes';
import type { WeightedRule } from './rule';

/** Inputs of one output up to which an ungrouped filter is faster in float. */
const FEW_INPUTS = 27;

/**
 * Becomes `QLinearConv`, grouped and depthwise ones too. First layers with few inputs are faster in float. Milliseconds
 * of such a layer and a pointwise one after it, one image, ONNX Runtime 1.32, one thread, VNNI (channels x size, stride,
 * outputs, width of the image): all integers, and the first in float:
 * 1x3 s1 64 28: 0.048, 0.037; 1x3 s1 16 96: 0.262, 0.134; 1x5 s1 6 28: 0.045, 0.026; 3x3 s1 16 32: 0.041, 0.028;
 * 3x3 s2 16 128: 0.150, 0.095; 3x3 s2 32 224: 0.517, 0.428; 4x3 s1 16 64: 0.093, 0.106; 8x3 s1 16 64: 0.101, 0.151;
 * 16x3 s1 16 32: 0.036, 0.064; 3x7 s2 64 128: 0.475, 0.897. mobilenet_small: 0.087, 0.073 (float network 0.100).
 */
export const convolution: WeightedRule = {
  role: 'weighted',
  refusal: (_node, weight, bias) => {
    if (weight.shape.length < 3) return 'a weight of fewer than three dimensions is no filter';
    return bias !== null && bias.shape.length !== 1 ? 'the bias is no vector' : null;
  },
  channelAxis: () => 0,
  outputMustBe8Bit: true,
  statesZeroPoint: false,
  isSlow: (node, weight) => {
    const inputs = elementsOf(weight.shape.slice(1));
    const isPointwise = elementsOf(weight.shape.slice(2)) === 1;
    return intAttribute(node, 'group', 1) === 1 && !isPointwise && inputs <= FEW_INPUTS;
  },
};
