import { facts, UNKNOWN, unknownShape } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';
import { windowedLength, windowOf } from './sliding-window';
import type { Extent } from './extent';

function pooledShape(call: OperatorCall): Extent[] | null {
  const { shape } = call.input(0);
  const kernel = call.ints('kernel_shape');
  if (shape === null || shape.length < 3) return null;
  const space = shape.length - 2;
  const window = kernel === null ? null : windowOf(call, space, kernel);
  const ceilMode = call.int('ceil_mode', 0) !== 0;
  const lengths =
    window === null
      ? unknownShape(space)
      : shape.slice(2).map((length, axis) => windowedLength(length, window, axis, ceilMode));
  return [...shape.slice(0, 2), ...lengths];
}

/** The second output holds indices. */
const pool: ShapeRule = (call) => {
  const shape = pooledShape(call);
  return [facts(call.input(0).dtype, shape), facts('int64', shape)];
};

const globalPool: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  if (shape === null || shape.length < 2) return { ...UNKNOWN, dtype };
  return facts(
    dtype,
    shape.map((length, axis) => (axis < 2 ? length : 1)),
  );
};

export const POOLING: Readonly<Record<string, ShapeRule>> = {
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  QLinearAveragePool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  QLinearGlobalAveragePool: globalPool,
};
