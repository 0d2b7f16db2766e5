import type { WeightedRule } from './rule';

/** Becomes `QLinearConv`, grouped and depthwise ones too. */
export const convolution: WeightedRule = {
  role: 'weighted',
  refusal: (_node, weight, bias) => {
    if (weight.shape.length < 3) return 'a weight of fewer than three dimensions is no filter';
    return bias !== null && bias.shape.length !== 1 ? 'the bias is no vector' : null;
  },
  channelAxis: () => 0,
  outputMustBe8Bit: true,
  statesZeroPoint: false,
};
