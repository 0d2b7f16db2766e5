import { isFloat, isInteger } from '../model/dtype';
import type { Node, Weight } from '../model/model';
import { elementsOf } from '../model/model';
import type { LogicalWeight } from './logical-weights';
import { affineEncoding, denseWeight, holdsCodes, isMadeUp } from './logical-weights';
import { dtypeFromCode } from './shapes/dtype-code';
import { constantNumbers } from './tensor-constants';

/** What a node makes of the weight behind an input; null where the result is no stored weight. */
export type UnpackingForm = (node: Node, input: (index: number) => LogicalWeight | null) => LogicalWeight | null;

function by(node: Node, weight: LogicalWeight, change: Partial<LogicalWeight> = {}): LogicalWeight {
  return { ...weight, ...change, unpackedBy: [...weight.unpackedBy, node] };
}

/**
 * The unpacked value is named as the weight was, where the initializer has a made-up name (`_4`) or one that was derived
 * from the weight's (`conv1.weight_codes`).
 */
function unpackedBy(node: Node, weight: LogicalWeight, change: Partial<LogicalWeight>): LogicalWeight {
  const [output = ''] = node.outputs;
  const isOwn = output !== '' && !isMadeUp(output) && (isMadeUp(weight.name) || weight.name.startsWith(output));
  return by(node, weight, isOwn ? { ...change, name: output } : change);
}

const constant: UnpackingForm = (node) => {
  const value = node.attributes.get('value');
  const name = node.outputs[0] ?? '';
  return value?.kind === 'tensor' ? denseWeight(name, value.value) : null;
};

const identity: UnpackingForm = (node, input) => {
  const weight = input(0);
  return weight === null ? null : by(node, weight);
};

/** A weight stored as float and rounded in the graph (quantization-aware training) is still stored as float. */
const quantizeLinear: UnpackingForm = (node, input) => {
  const weight = input(0);
  return weight !== null && isFloat(weight.dtype) && input(1) !== null ? by(node, weight) : null;
};

const dequantizeLinear: UnpackingForm = (node, input) => {
  const codes = input(0);
  const scale = input(1);
  if (codes === null || scale === null || !isFloat(scale.dtype)) return null;
  if (!holdsCodes(codes)) {
    return isFloat(codes.dtype) ? by(node, codes, { dtype: scale.dtype }) : unpackedCodes(node, codes, scale.stored);
  }
  const zeroPoint = input(2);
  const blockAttribute = node.attributes.get('block_size');
  const block = blockAttribute?.kind === 'int' && blockAttribute.value > 0 ? blockAttribute.value : null;
  const axisAttribute = node.attributes.get('axis');
  const axis = axisAttribute?.kind === 'int' ? axisAttribute.value : 1;
  const seen = axis < 0 ? axis + codes.seenShape.length : axis;
  return unpackedBy(node, codes, {
    dtype: scale.dtype,
    encoding: affineEncoding(codes.stored, scale.stored, codes.axes[seen] ?? null, block),
    scale: scale.stored,
    zeroPoint: zeroPoint?.stored ?? null,
  });
};

/**
 * Codes that unpack themselves as numbers and were cast to an integer dtype: static quantization packs them so. Of
 * palettes and sparse codes only the encoding is told, not how their numbers come about.
 */
function unpackedCodes(node: Node, codes: LogicalWeight, scale: Weight): LogicalWeight | null {
  const { encoding, unpacking } = codes;
  if (!isInteger(codes.dtype) || unpacking === undefined) return null;
  const { unpacking: _, ...rest } = codes;
  const axisAttribute = node.attributes.get('axis');
  const axis = elementsOf(scale.shape) === 1 ? null : axisAttribute?.kind === 'int' ? axisAttribute.value : 1;
  if (encoding.kind !== 'affine' || unpacking.kind !== 'affine') return unpackedBy(node, rest, { dtype: scale.dtype });
  const change = { dtype: scale.dtype, encoding: { ...encoding, axis }, scale };
  return unpackedBy(node, rest, { ...change, unpacking: { ...unpacking, axis, scale } });
}

const cast: UnpackingForm = (node, input) => {
  const weight = input(0);
  const to = node.attributes.get('to');
  const dtype = to?.kind === 'int' ? dtypeFromCode(to.value) : null;
  return weight === null || dtype === null ? null : unpackedBy(node, weight, { dtype });
};

/** `Sub(Cast(codes), zero point)`: the zero point is kept for the multiplication that follows. */
const subtract: UnpackingForm = (node, input) => {
  const codes = input(0);
  const zeroPoint = input(1);
  if (codes === null || zeroPoint === null || !isCastCodes(codes)) return null;
  return by(node, codes, { zeroPoint: zeroPoint.stored });
};

/** `Mul(Cast(codes), scale)`: the form of int8 weights that runs where `DequantizeLinear` is folded away. */
const multiply: UnpackingForm = (node, input) => {
  const [left, right] = [input(0), input(1)];
  if (left === null || right === null) return null;
  const [codes, scale] = isCastCodes(left) ? [left, right] : [right, left];
  if (!isCastCodes(codes) || !isFloat(scale.stored.dtype)) return null;
  const axis = scaledAxis(scale.seenShape, codes.seenShape);
  if (axis === undefined) return null;
  return unpackedBy(node, codes, {
    encoding: affineEncoding(codes.stored, scale.stored, axis === null ? null : (codes.axes[axis] ?? null), null),
    scale: scale.stored,
  });
};

function isCastCodes(weight: LogicalWeight): boolean {
  return holdsCodes(weight) && isInteger(weight.stored.dtype) && isFloat(weight.dtype);
}

/** The one axis along which a broadcast scale varies; null for a single scale, undefined where it varies along several. */
function scaledAxis(scale: readonly number[], codes: readonly number[]): number | null | undefined {
  if (scale.length > codes.length) return undefined;
  const varying = scale.flatMap((length, axis) => (length === 1 ? [] : [axis + codes.length - scale.length]));
  if (varying.length === 0) return null;
  const [axis] = varying;
  return varying.length === 1 && axis !== undefined && codes[axis] === elementsOf(scale) ? axis : undefined;
}

const transpose: UnpackingForm = (node, input) => {
  const weight = input(0);
  if (weight === null) return null;
  const rank = weight.seenShape.length;
  const stated = node.attributes.get('perm');
  const order = stated?.kind === 'ints' ? stated.value : weight.seenShape.map((_, axis) => rank - 1 - axis);
  if (order.length !== rank) return null;
  return by(node, weight, {
    seenShape: order.map((axis) => weight.seenShape[axis] ?? 1),
    axes: order.map((axis) => weight.axes[axis] ?? null),
  });
};

const reshape: UnpackingForm = (node, input) => {
  const weight = input(0);
  const target = node.attributes.get('shape');
  const numbers = target?.kind === 'ints' ? target.value : numbersOf(input(1));
  if (weight === null || numbers === null) return null;
  const total = elementsOf(weight.seenShape);
  const lengths = numbers.map((length, axis) => (length === 0 ? (weight.seenShape[axis] ?? 0) : length));
  const known = lengths.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const shape = lengths.map((length) => (length === -1 ? total / known : length));
  return elementsOf(shape) === total ? reshapedTo(node, weight, shape) : null;
};

/** Squeeze and Unsqueeze move lengths of 1 only; where the target is not known the rank is all that is lost. */
const unsqueeze: UnpackingForm = (node, input) => {
  const weight = input(0);
  const axes = axesOf(node, input);
  if (weight === null || axes === null) return null;
  const rank = weight.seenShape.length + axes.length;
  const inserted = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  const lengths = [...weight.seenShape];
  const shape = Array.from({ length: rank }, (_, axis) => (inserted.has(axis) ? 1 : (lengths.shift() ?? 1)));
  return reshapedTo(node, weight, shape);
};

const squeeze: UnpackingForm = (node, input) => {
  const weight = input(0);
  if (weight === null) return null;
  const rank = weight.seenShape.length;
  const removed = axesOf(node, input)?.map((axis) => (axis < 0 ? axis + rank : axis));
  const shape = weight.seenShape.filter((length, axis) => (removed ? !removed.includes(axis) : length !== 1));
  return reshapedTo(node, weight, shape);
};

function axesOf(node: Node, input: (index: number) => LogicalWeight | null): readonly number[] | null {
  const attribute = node.attributes.get('axes');
  return attribute?.kind === 'ints' ? attribute.value : numbersOf(input(1));
}

function numbersOf(weight: LogicalWeight | null): number[] | null {
  return weight === null ? null : constantNumbers(weight.stored);
}

/** Axes keep their origin while lengths match one for one, lengths of 1 aside. */
function reshapedTo(node: Node, weight: LogicalWeight, shape: readonly number[]): LogicalWeight {
  const from = weight.seenShape.flatMap((length, axis) => (length === 1 ? [] : [axis]));
  const to = shape.flatMap((length, axis) => (length === 1 ? [] : [axis]));
  const same =
    from.length === to.length && from.every((axis, index) => weight.seenShape[axis] === shape[to[index] ?? -1]);
  const axes = shape.map((_, axis) => {
    const origin = same ? from[to.indexOf(axis)] : undefined;
    return origin === undefined ? null : (weight.axes[origin] ?? null);
  });
  return by(node, weight, { seenShape: shape, axes });
}

/** Nodes between a stored tensor and the layer that uses it. A new form is one function and one line. */
const FORMS: ReadonlyMap<string, UnpackingForm> = new Map([
  ['Constant', constant],
  ['Identity', identity],
  ['QuantizeLinear', quantizeLinear],
  ['DequantizeLinear', dequantizeLinear],
  ['Cast', cast],
  ['Sub', subtract],
  ['Mul', multiply],
  ['Transpose', transpose],
  ['Reshape', reshape],
  ['Unsqueeze', unsqueeze],
  ['Squeeze', squeeze],
]);

export function unpackingForm(node: Node): UnpackingForm | undefined {
  return FORMS.get(node.opType);
}

/** Codes and scale as separate inputs of an operator that unpacks them itself. */
export function withScale(
  weight: LogicalWeight,
  scale: Weight | null,
  zeroPoint: Weight | null,
  axis: number | null,
): LogicalWeight {
  const stored = axis === null ? null : (weight.axes[axis] ?? null);
  return {
    ...weight,
    dtype: 'float32',
    encoding: affineEncoding(weight.stored, scale, stored, null),
    scale,
    zeroPoint,
  };
}
