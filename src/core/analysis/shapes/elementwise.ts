import type { DType } from '../../model/dtype';
import { isFloat } from '../../model/dtype';
import { broadcastIndices, broadcastShapes, fixedShape } from './broadcast';
import type { Extent } from './extent';
import { add, checked, divideExact, divideFloor, multiply, sameExtent, subtract } from './extent';
import { facts, MAX_VALUE_ELEMENTS } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';
import { dtypeFromCode } from './dtype-code';

/** The output is like the first input: activations and other functions of one value. */
export const likeFirst: ShapeRule = (call) => facts(call.input(0).dtype, call.input(0).shape);

/** `likeFirst` that keeps known elements through a function of numbers. */
function mapped(apply: (value: number) => number): ShapeRule {
  return (call) => {
    const { dtype, shape, value } = call.input(0);
    return facts(
      dtype,
      shape,
      value?.map((element) => (typeof element === 'number' ? checked(apply(element)) : null)),
    );
  };
}

/** Same values, maybe another dtype. */
const passThrough: ShapeRule = (call) => call.input(0);

const cast: ShapeRule = (call) => {
  const { shape, value } = call.input(0);
  const dtype = dtypeFromCode(call.int('to', 0));
  const truncate = dtype !== null && !isFloat(dtype);
  return facts(
    dtype,
    shape,
    value?.map((element) => (typeof element === 'number' && truncate ? Math.trunc(element) : element)),
  );
};

const castLike: ShapeRule = (call) => facts(call.input(1).dtype, call.input(0).shape, call.input(0).value);

type Combine = (left: Extent, right: Extent, dtype: DType | null) => Extent;

/** Element by element over broadcast inputs; `dtype` null keeps that of the inputs. */
function combined(combine: Combine, outputDtype: DType | null = null): ShapeRule {
  return (call) => {
    const dtype = call.inputs.find((input) => input.dtype !== null)?.dtype ?? null;
    const shape = alignedShapes(call);
    const output = broadcastShapes(shape);
    return facts(outputDtype ?? dtype, output, combinedValues(call, output, dtype, combine));
  };
}

/** Before operator set 7, `axis` told where the second input's dimensions begin. */
function alignedShapes(call: OperatorCall): (readonly Extent[] | null)[] {
  const shapes = call.inputs.map((input) => input.shape);
  const [left, right] = shapes;
  if (call.opset >= 7 || call.int('broadcast', 0) === 0 || !left || !right) return shapes;
  const axis = call.int('axis', left.length - right.length);
  const trailing = left.length - axis - right.length;
  return trailing > 0 && trailing <= left.length ? [left, [...right, ...new Array<Extent>(trailing).fill(1)]] : shapes;
}

function combinedValues(
  call: OperatorCall,
  output: readonly Extent[] | null,
  dtype: DType | null,
  combine: Combine,
): Extent[] | null {
  const target = fixedShape(output);
  if (target === null || target.reduce((total, length) => total * length, 1) > MAX_VALUE_ELEMENTS) return null;
  let result: Extent[] | null = null;
  for (const input of call.inputs) {
    const shape = fixedShape(input.shape);
    const { value } = input;
    if (shape === null || value === undefined) return null;
    const spread = broadcastIndices(shape, target).map((index) => value[index] ?? null);
    result = result === null ? spread : result.map((element, at) => combine(element, spread[at] ?? null, dtype));
  }
  return result;
}

const divide: Combine = (left, right, dtype) => {
  if (dtype !== null && isFloat(dtype)) {
    if (typeof left === 'number' && typeof right === 'number') return checked(left / right);
    return divideExact(left, right);
  }
  if (typeof left === 'number' && typeof right === 'number') return right === 0 ? null : Math.trunc(left / right);
  return divideFloor(left, right);
};

function numbers(apply: (left: number, right: number) => number): Combine {
  return (left, right) => (typeof left === 'number' && typeof right === 'number' ? checked(apply(left, right)) : null);
}

const equal: Combine = (left, right) => {
  if (sameExtent(left, right)) return 1;
  if (typeof left === 'number' && typeof right === 'number') return 0;
  // Exporters ask "is this length -1?"; a length is never negative.
  return (isNegative(left) && isLength(right)) || (isNegative(right) && isLength(left)) ? 0 : null;
};

function isNegative(extent: Extent): boolean {
  return typeof extent === 'number' && extent < 0;
}

function isLength(extent: Extent): boolean {
  return extent !== null && typeof extent !== 'number' && extent.terms.every((term) => term.coefficient > 0);
}

/** Known only where one side is a number that no length can pass, or both are. */
const pick = (choose: (left: number, right: number) => number): Combine => {
  const both = numbers(choose);
  return (left, right, dtype) => (sameExtent(left, right) ? left : both(left, right, dtype));
};

/** Python's and ONNX's default remainder has the sign of the divisor. */
const modulo = (left: number, right: number): number => left - right * Math.floor(left / right);

const where: ShapeRule = (call) => {
  const output = broadcastShapes(call.inputs.map((input) => input.shape));
  const dtype = call.input(1).dtype ?? call.input(2).dtype;
  const target = fixedShape(output);
  const [condition, yes, no] = call.inputs.map((input) => {
    const shape = fixedShape(input.shape);
    const { value } = input;
    if (shape === null || target === null || value === undefined) return null;
    return broadcastIndices(shape, target).map((index) => value[index] ?? null);
  });
  const value =
    condition && yes && no
      ? condition.map((chosen, at) => (chosen === null ? null : ((chosen === 0 ? no : yes)[at] ?? null)))
      : null;
  return facts(dtype, output, value);
};

const toBool: ShapeRule = (call) => facts('bool', call.input(0).shape);

const not: ShapeRule = (call) =>
  facts(
    'bool',
    call.input(0).shape,
    call.input(0).value?.map((element) => (typeof element === 'number' ? Number(element === 0) : null)),
  );

const dropout: ShapeRule = (call) => [
  facts(call.input(0).dtype, call.input(0).shape),
  facts('bool', call.input(0).shape),
];

const UNARY =
  'Abs Acos Acosh Asin Asinh Atan Atanh Celu Clip Cos Cosh Elu Erf Exp Gelu HardSigmoid HardSwish Hardmax LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Swish Tan Tanh ThresholdedRelu Trilu BitwiseNot CumSum CumProd PRelu Bernoulli ScatterElements ScatterND Scatter ReverseSequence';

export const ELEMENTWISE: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(UNARY.split(' ').map((name) => [name, likeFirst])),
  Identity: passThrough,
  Neg: mapped((value) => -value),
  Floor: mapped(Math.floor),
  Ceil: mapped(Math.ceil),
  Sqrt: mapped(Math.sqrt),
  Cast: cast,
  CastLike: castLike,
  Add: combined(add),
  Sub: combined(subtract),
  Mul: combined(multiply),
  Div: combined(divide),
  Pow: combined(numbers((left, right) => left ** right)),
  Mod: combined(numbers(modulo)),
  Min: combined(pick(Math.min)),
  Max: combined(pick(Math.max)),
  Sum: combined(add),
  Mean: combined(() => null),
  BitShift: combined(() => null),
  BitwiseAnd: combined(() => null),
  BitwiseOr: combined(() => null),
  BitwiseXor: combined(() => null),
  Equal: combined(equal, 'bool'),
  Greater: combined(
    numbers((left, right) => Number(left > right)),
    'bool',
  ),
  GreaterOrEqual: combined(
    numbers((left, right) => Number(left >= right)),
    'bool',
  ),
  Less: combined(
    numbers((left, right) => Number(left < right)),
    'bool',
  ),
  LessOrEqual: combined(
    numbers((left, right) => Number(left <= right)),
    'bool',
  ),
  And: combined(
    numbers((left, right) => Number(left !== 0 && right !== 0)),
    'bool',
  ),
  Or: combined(
    numbers((left, right) => Number(left !== 0 || right !== 0)),
    'bool',
  ),
  Xor: combined(
    numbers((left, right) => Number((left !== 0) !== (right !== 0))),
    'bool',
  ),
  Not: not,
  IsNaN: toBool,
  IsInf: toBool,
  Where: where,
  Dropout: dropout,
};
