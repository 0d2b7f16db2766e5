import { broadcastShapes } from './broadcast';
import { dtypeFromCode } from './dtype-code';
import { facts, scalar } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';
import type { Extent } from './extent';

/** y_zero_point gives the dtype; without it `output_dtype`, then uint8. */
const quantizeLinear: ShapeRule = (call) => {
  const stated = call.has(2) ? call.input(2).dtype : dtypeFromCode(call.int('output_dtype', 0));
  return facts(stated ?? (call.has(2) ? null : 'uint8'), call.input(0).shape);
};

const dequantizeLinear: ShapeRule = (call) =>
  facts(dtypeFromCode(call.int('output_dtype', 0)) ?? call.input(1).dtype, call.input(0).shape);

const dynamicQuantizeLinear: ShapeRule = (call) => [
  facts('uint8', call.input(0).shape),
  scalar('float32'),
  scalar('uint8'),
];

/** com.microsoft: a, a_scale, a_zero_point, b, b_scale, b_zero_point, c_scale, c_zero_point */
const qLinearBinary: ShapeRule = (call) =>
  facts(call.input(0).dtype, broadcastShapes([call.input(0).shape, call.input(3).shape]));

const qLinearUnary: ShapeRule = (call) => facts(call.input(0).dtype, call.input(0).shape);

/** com.microsoft: y_scale, y_zero_point, then (tensor, scale, zero point) for each input. */
const qLinearConcat: ShapeRule = (call) => facts(call.input(1).dtype, concatenated(call));

function concatenated(call: OperatorCall): Extent[] | null {
  const shapes = call.inputs.filter((_, index) => index >= 2 && (index - 2) % 3 === 0).map((input) => input.shape);
  const first = shapes[0];
  const axis = call.int('axis', 0);
  if (!first) return null;
  const at = axis < 0 ? axis + first.length : axis;
  const lengths = shapes.map((shape) => shape?.[at]);
  const total = lengths.every((length) => typeof length === 'number')
    ? lengths.reduce((sum, length) => sum + length, 0)
    : null;
  return first.map((length, index) => (index === at ? total : length));
}

export const QUANTIZED: Readonly<Record<string, ShapeRule>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  QLinearAdd: qLinearBinary,
  QLinearMul: qLinearBinary,
  QLinearSigmoid: qLinearUnary,
  QLinearLeakyRelu: qLinearUnary,
  QLinearSoftmax: qLinearUnary,
  QLinearConcat: qLinearConcat,
};
