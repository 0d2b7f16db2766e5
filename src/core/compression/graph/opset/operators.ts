import { broadcastToShape } from './rewrites/broadcast';
import { attributesToInputs, type MovedAttribute } from './rewrites/attributes-to-inputs';
import { concatAxis, dropAttributes, renameOperator } from './rewrites/attributes';
import { padInputs, resizeInputs, upsampleToResize } from './rewrites/resize-and-pad';
import { dropoutToIdentity, normalizationInInference } from './rewrites/training';
import { softmaxOverRest } from './rewrites/softmax';
import type { Rewrite } from './rewrite';

/** How an operator changed up to opset 13. */
export interface OperatorHistory {
  /** Nodes of this opset and later mean the same at 13. */
  readonly sameFrom: number;
  /** For older nodes, down to `rewriteFrom`. */
  readonly rewrite?: Rewrite;
  readonly rewriteFrom?: number;
}

const ints = (attribute: string): MovedAttribute => ({ attribute, dtype: 'int64' });
const float = (attribute: string): MovedAttribute => ({ attribute, dtype: 'float32' });

const moved = (sameFrom: number, rewriteFrom: number, ...attributes: MovedAttribute[]): OperatorHistory => ({
  sameFrom,
  rewriteFrom,
  rewrite: attributesToInputs(attributes),
});

/** Never changed in meaning; `consumed_inputs` of opset 1 to 5 was a hint about memory and says nothing. */
const ALWAYS_THE_SAME = [
  ...['Abs', 'Acos', 'Acosh', 'ArgMax', 'ArgMin', 'Asin', 'Asinh', 'Atan', 'Atanh', 'BitShift', 'Ceil', 'Celu'],
  ...['Compress', 'Constant', 'ConstantOfShape', 'Conv', 'ConvInteger', 'ConvTranspose', 'Cos', 'Cosh', 'CumSum'],
  ...['DepthToSpace', 'DequantizeLinear', 'Det', 'DynamicQuantizeLinear', 'Einsum', 'Elu', 'Erf', 'Exp', 'Expand'],
  ...['EyeLike', 'Flatten', 'Floor', 'Gather', 'GatherElements', 'GatherND', 'GlobalAveragePool', 'GlobalMaxPool'],
  ...['GreaterOrEqual', 'HardSigmoid', 'Identity', 'If', 'InstanceNormalization', 'IsInf', 'IsNaN', 'LRN', 'LeakyRelu'],
  ...['LessOrEqual', 'Log', 'Loop', 'LpNormalization', 'MatMul', 'MatMulInteger', 'Max', 'MaxPool', 'MaxRoiPool'],
  ...['MaxUnpool', 'Mean', 'MeanVarianceNormalization', 'Min', 'Mod', 'Neg', 'NonMaxSuppression', 'NonZero', 'Not'],
  ...['OneHot', 'QLinearConv', 'QLinearMatMul', 'QuantizeLinear', 'RandomNormal', 'RandomNormalLike', 'RandomUniform'],
  ...['RandomUniformLike', 'Range', 'Reciprocal', 'ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp'],
  ...['ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd', 'ReduceSumSquare', 'Relu', 'ReverseSequence', 'RoiAlign'],
  ...['Round', 'ScatterElements', 'ScatterND', 'Selu', 'Shape', 'Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Size'],
  ...['Softplus', 'Softsign', 'SpaceToDepth', 'Sqrt', 'Sum', 'Tan', 'Tanh', 'ThresholdedRelu', 'Transpose', 'Unique'],
  ...['Where'],
];

/** Until opset 6 the shorter operand was broadcast only on request, from an axis that an attribute named. */
const BROADCAST_ON_REQUEST = ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'Less'];

/**
 * Every operator of the standard domain that can be raised to opset 13, and how. Sources: the operators' change log in
 * ONNX's documentation. Operators not listed here are refused by name.
 */
export const OPERATOR_HISTORY: ReadonlyMap<string, OperatorHistory> = new Map<string, OperatorHistory>([
  ...ALWAYS_THE_SAME.map((name): [string, OperatorHistory] => [name, { sameFrom: 1 }]),
  ...BROADCAST_ON_REQUEST.map((name): [string, OperatorHistory] => [
    name,
    { sameFrom: 7, rewriteFrom: 1, rewrite: broadcastToShape },
  ]),
  ['AveragePool', { sameFrom: 7 }],
  ['BatchNormalization', { sameFrom: 9, rewriteFrom: 1, rewrite: normalizationInInference }],
  ['Cast', { sameFrom: 6 }],
  ['Clip', moved(11, 1, float('min'), float('max'))],
  ['Concat', { sameFrom: 4, rewriteFrom: 1, rewrite: concatAxis }],
  ['Dropout', { sameFrom: 13, rewriteFrom: 7, rewrite: dropoutToIdentity }],
  ['GRU', { sameFrom: 7 }],
  ['Gemm', { sameFrom: 7, rewriteFrom: 1, rewrite: dropAttributes(['broadcast']) }],
  ['Hardmax', { sameFrom: 13, rewriteFrom: 1, rewrite: softmaxOverRest }],
  ['LSTM', { sameFrom: 7 }],
  ['LogSoftmax', { sameFrom: 13, rewriteFrom: 1, rewrite: softmaxOverRest }],
  ['PRelu', { sameFrom: 7 }],
  ['Pad', { sameFrom: 11, rewriteFrom: 2, rewrite: padInputs }],
  ['RNN', { sameFrom: 7 }],
  ['ReduceSum', moved(13, 1, ints('axes'))],
  ['Reshape', moved(5, 1, ints('shape'))],
  ['Resize', { sameFrom: 11, rewriteFrom: 10, rewrite: resizeInputs }],
  ['Scan', { sameFrom: 9 }],
  ['Scatter', { sameFrom: 13, rewriteFrom: 9, rewrite: renameOperator('ScatterElements') }],
  ['Slice', moved(10, 1, ints('starts'), ints('ends'), ints('axes'))],
  ['Softmax', { sameFrom: 13, rewriteFrom: 1, rewrite: softmaxOverRest }],
  ['Split', moved(13, 2, ints('split'))],
  ['Squeeze', moved(13, 1, ints('axes'))],
  ['Tile', { sameFrom: 6 }],
  ['TopK', moved(10, 1, ints('k'))],
  ['Unsqueeze', moved(13, 1, ints('axes'))],
  ['Upsample', { sameFrom: 14, rewriteFrom: 7, rewrite: upsampleToResize }],
]);
