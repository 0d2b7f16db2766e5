import { constantNumbers } from '../tensor-constants';
import type { Weight } from '../../model/model';
import { dtypeFromCode } from './dtype-code';
import type { Extent } from './extent';
import { product } from './extent';
import type { Facts } from './facts';
import { facts, MAX_VALUE_ELEMENTS, scalar, UNKNOWN } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';

/** Facts of a tensor of the model; its elements where they are small and in memory. */
export function weightFacts(weight: Weight): Facts {
  return facts(weight.dtype, weight.shape, constantNumbers(weight));
}

const constant: ShapeRule = (call) => {
  const tensor = call.tensor('value');
  if (tensor !== null) return weightFacts(tensor);
  const float = call.float('value_float');
  if (float !== null) return scalar('float32', float);
  if (call.node.attributes.has('value_int')) return scalar('int64', call.int('value_int', 0));
  const ints = call.ints('value_ints');
  if (ints !== null) return facts('int64', [ints.length], ints);
  const floats = call.node.attributes.get('value_floats');
  if (floats?.kind === 'floats') return facts('float32', [floats.value.length], floats.value);
  return UNKNOWN;
};

const shapeOf: ShapeRule = (call) => {
  const { shape } = call.input(0);
  if (shape === null) return facts('int64', [null]);
  const at = (index: number): number => Math.min(Math.max(index < 0 ? index + shape.length : index, 0), shape.length);
  const picked = shape.slice(at(call.int('start', 0)), at(call.int('end', shape.length)));
  return facts('int64', [picked.length], picked);
};

const size: ShapeRule = (call) => {
  const { shape } = call.input(0);
  return scalar('int64', shape === null ? null : product(shape));
};

const constantOfShape: ShapeRule = (call) => {
  const shape = call.values(0);
  const fill = call.tensor('value');
  const dtype = fill?.dtype ?? 'float32';
  if (shape === null) {
    const rank = call.input(0).shape?.[0];
    return facts(
      dtype,
      typeof rank === 'number' ? new Array<Extent>(Math.min(rank, MAX_VALUE_ELEMENTS)).fill(null) : null,
    );
  }
  const element = fill === null ? 0 : (constantNumbers(fill)?.[0] ?? null);
  const count = product(shape);
  const value =
    typeof count === 'number' && count >= 0 && count <= MAX_VALUE_ELEMENTS
      ? new Array<Extent>(count).fill(element)
      : null;
  return facts(dtype, shape, value);
};

const range: ShapeRule = (call) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => call.values(index)?.[0] ?? null);
  const { dtype } = call.input(0);
  if (typeof start !== 'number' || typeof delta !== 'number' || delta === 0) return facts(dtype, [null]);
  if (typeof limit !== 'number') return facts(dtype, [start === 0 && delta === 1 ? (limit ?? null) : null]);
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  const value = count <= MAX_VALUE_ELEMENTS ? Array.from({ length: count }, (_, index) => start + index * delta) : null;
  return facts(dtype, [count], value);
};

/** Random tensors state their shape, or take it from an input. */
function random(like: boolean): ShapeRule {
  return (call) => {
    const dtype = dtypeFromCode(call.int('dtype', like ? 0 : 1));
    return like ? facts(dtype ?? call.input(0).dtype, call.input(0).shape) : facts(dtype, call.ints('shape'));
  };
}

const eyeLike: ShapeRule = (call: OperatorCall) =>
  facts(dtypeFromCode(call.int('dtype', 0)) ?? call.input(0).dtype, call.input(0).shape);

export const SHAPE_SOURCE: Readonly<Record<string, ShapeRule>> = {
  Constant: constant,
  Shape: shapeOf,
  Size: size,
  ConstantOfShape: constantOfShape,
  Range: range,
  RandomNormal: random(false),
  RandomUniform: random(false),
  RandomNormalLike: random(true),
  RandomUniformLike: random(true),
  EyeLike: eyeLike,
};
