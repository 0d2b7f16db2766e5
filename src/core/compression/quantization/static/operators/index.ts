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
 *
 * Times of float, of an operator between two pointwise layers of 32 channels at 56x56, measured on a busy computer with
 * VNNI, one thread, ONNX Runtime 1.30 (`npm run benchmark -- integer-operators`): Relu 0.41, Add 0.63, Add and Relu
 * 0.65, Concat 0.67, Mul by a gate 0.71, MaxPool 0.71, LeakyRelu 0.71, Sigmoid and Mul 0.79, HardSwish 0.83. In float
 * between conversions: Erf 0.75, LayerNormalization 0.80, Resize (linear) 0.93; the runtime makes integers of Softmax
 * by itself, 0.35. Slower: AveragePool with windows 3.22, and Resize (nearest) 1.36. Left float between integer layers
 * they are written as the same conversions around the same operator, of which the runtime makes the same kernels (the
 * benchmark shows both graphs): a rule less would only lose the scale that Resize shares with what it reads.
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
