import type { Node } from '../../../../model/model';
import { add, averagePool, concat, leakyRelu, mul, sigmoid } from './arithmetic';
import { maxPool, reordering, resize } from './carriers';
import { clipRule, relu } from './clamps';
import { convolution } from './convolution';
import { gemm, matMul } from './matrix-product';
import { hardSigmoid } from './rescaling';
import type { OperatorRule } from './rule';

/**
 * Every operator that takes part in 8-bit work, as ONNX Runtime's processor kernels have it. Others stay float:
 * LayerNormalization, Gelu, Softmax and Erf have no integer kernel that gains (`QLinearSoftmax` exists; in attention
 * nothing on codes reads it), ConvTranspose has none at all. A new operator is one line, with what was measured for it
 * in its rule.
 */
const RULES: ReadonlyMap<string, OperatorRule> = new Map<string, OperatorRule>([
  ['Conv', convolution],
  ['Gemm', gemm],
  ['MatMul', matMul],
  ['Add', add],
  ['AveragePool', averagePool],
  ['GlobalAveragePool', averagePool],
  ['Concat', concat],
  ['HardSigmoid', hardSigmoid],
  ['LeakyRelu', leakyRelu],
  ['Mul', mul],
  ['Sigmoid', sigmoid],
  ['Relu', relu],
  ['Clip', clipRule],
  ['Flatten', reordering],
  ['MaxPool', maxPool],
  ['Reshape', reordering],
  ['Resize', resize],
  ['Squeeze', reordering],
  ['Transpose', reordering],
  ['Unsqueeze', reordering],
]);

export function ruleOf(node: Node): OperatorRule | null {
  return node.domain === '' ? (RULES.get(node.opType) ?? null) : null;
}
