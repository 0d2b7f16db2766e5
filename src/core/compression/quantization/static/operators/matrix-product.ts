import type { Node } from '../../../../model/model';
import { isPlainGemm } from '../../../folding/output-channels';
import { intAttribute } from '../../../graph/attributes';
import type { WeightedRule } from './rule';

const transposesWeight = (node: Node): boolean => intAttribute(node, 'transB', 0) !== 0;

/** Becomes `QGemm`. */
export const gemm: WeightedRule = {
  role: 'weighted',
  refusal: (node, weight, bias) => {
    if (!isPlainGemm(node)) return 'a factor is left that is no part of the weights';
    if (weight.shape.length !== 2) return 'the weight is no matrix';
    const channels = weight.shape[gemm.channelAxis(node, weight)];
    const isRow = bias === null || (bias.shape.length === 1 && bias.shape[0] === channels);
    return isRow ? null : 'the bias is not one number an output';
  },
  channelAxis: (node) => (transposesWeight(node) ? 0 : 1),
  outputMustBe8Bit: false,
  statesZeroPoint: true,
};

/** With a constant matrix; becomes `MatMulIntegerToFloat` or `QLinearMatMul`. */
export const matMul: WeightedRule = {
  role: 'weighted',
  refusal: (_node, weight) => (weight.shape.length === 2 ? null : 'the weight is no matrix'),
  channelAxis: () => 1,
  outputMustBe8Bit: false,
  statesZeroPoint: true,
};
