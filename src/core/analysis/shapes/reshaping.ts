import { fixedShape } from './broadcast';
import { transposed } from './element-selection';
import type { Extent } from './extent';
import { divideExact, divideFloor, product, sameExtent } from './extent';
import type { Facts } from './facts';
import { axisOf, facts, UNKNOWN, unknownShape } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';

/** Same elements in another shape. */
function reshaped(input: Facts, shape: readonly Extent[] | null): Facts {
  return facts(input.dtype, shape, input.value);
}

const reshape: ShapeRule = (call) => {
  const input = call.input(0);
  const target = call.ints('shape') ?? call.values(1);
  if (target === null) {
    const rank = call.input(1).shape?.[0];
    return facts(input.dtype, typeof rank === 'number' ? unknownShape(rank) : null);
  }
  return reshaped(input, resolvedTarget(input.shape, target, call.int('allowzero', 0) !== 0));
};

/** Puts in what 0 (the input's own length) and -1 (what is left over) stand for. */
function resolvedTarget(shape: readonly Extent[] | null, target: readonly Extent[], allowZero: boolean): Extent[] {
  const lengths = target.map((length, axis) => (length === 0 && !allowZero ? (shape?.[axis] ?? null) : length));
  const open = lengths.indexOf(-1);
  if (open < 0) return lengths;
  lengths[open] = shape === null ? null : leftOver(shape, [...lengths.slice(0, open), ...lengths.slice(open + 1)]);
  return lengths;
}

/** `product(all) / product(known)` with equal lengths cancelled first, so that unknown ones that only pass through do not matter. */
function leftOver(all: readonly Extent[], known: readonly Extent[]): Extent {
  const rest = [...all];
  const divisors: Extent[] = [];
  for (const length of known) {
    const at = rest.findIndex((candidate) => sameExtent(candidate, length) && candidate !== 0);
    if (at >= 0) rest.splice(at, 1);
    else divisors.push(length);
  }
  const dividend = product(rest);
  const divisor = product(divisors);
  return divideExact(dividend, divisor) ?? (typeof divisor === 'number' ? divideFloor(dividend, divisor) : null);
}

const flatten: ShapeRule = (call) => {
  const input = call.input(0);
  if (input.shape === null) return facts(input.dtype, [null, null]);
  const rank = input.shape.length;
  const axis = call.int('axis', 1);
  const split = axis < 0 ? axis + rank : axis;
  if (split < 0 || split > rank) return { ...UNKNOWN, dtype: input.dtype };
  return reshaped(input, [product(input.shape.slice(0, split)), product(input.shape.slice(split))]);
};

const transpose: ShapeRule = (call) => {
  const { dtype, shape, value } = call.input(0);
  if (shape === null) return { ...UNKNOWN, dtype };
  const order = call.ints('perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
  if (!isPermutation(order, shape.length)) return { ...UNKNOWN, dtype };
  const fixed = fixedShape(shape);
  return facts(
    dtype,
    order.map((axis) => shape[axis] ?? null),
    value !== undefined && fixed !== null ? transposed(value, fixed, order) : null,
  );
};

function isPermutation(order: readonly number[], rank: number): boolean {
  return order.length === rank && new Set(order).size === rank && order.every((axis) => axis >= 0 && axis < rank);
}

function axesOf(call: OperatorCall, rank: number): Set<number> | null {
  const axes = call.axes('axes', 1)?.map((axis) => axisOf(axis, rank));
  return axes === undefined || axes.includes(null) ? null : new Set(axes.filter((axis) => axis !== null));
}

const squeeze: ShapeRule = (call) => {
  const input = call.input(0);
  const { shape } = input;
  if (shape === null) return { ...UNKNOWN, dtype: input.dtype };
  if (call.axes('axes', 1) === null) {
    const known = !call.has(1) && shape.every((length) => typeof length === 'number');
    return known
      ? reshaped(
          input,
          shape.filter((length) => length !== 1),
        )
      : { ...UNKNOWN, dtype: input.dtype };
  }
  const axes = axesOf(call, shape.length);
  return axes === null
    ? { ...UNKNOWN, dtype: input.dtype }
    : reshaped(
        input,
        shape.filter((_, axis) => !axes.has(axis)),
      );
};

const unsqueeze: ShapeRule = (call) => {
  const input = call.input(0);
  const count = call.axes('axes', 1)?.length;
  if (input.shape === null || count === undefined) return { ...UNKNOWN, dtype: input.dtype };
  const rank = input.shape.length + count;
  const axes = axesOf(call, rank);
  if (axes?.size !== count) return { ...UNKNOWN, dtype: input.dtype };
  const lengths = [...input.shape];
  const shape = Array.from({ length: rank }, (_, axis): Extent => (axes.has(axis) ? 1 : (lengths.shift() ?? null)));
  return reshaped(input, shape);
};

const expand: ShapeRule = (call) => {
  const { dtype, shape, value } = call.input(0);
  const target = call.values(1);
  if (shape === null || target === null) return { ...UNKNOWN, dtype };
  const rank = Math.max(shape.length, target.length);
  const at = (list: readonly Extent[], axis: number): Extent => {
    const own = axis - (rank - list.length);
    return own < 0 ? 1 : (list[own] ?? null);
  };
  const result = Array.from({ length: rank }, (_, axis) => {
    const wanted = at(target, axis);
    return wanted === 1 || wanted === -1 ? at(shape, axis) : wanted;
  });
  const single = value?.length === 1 ? (value[0] ?? null) : null;
  const count = product(result);
  const filled =
    single !== null && typeof count === 'number' && count <= 64 ? new Array<Extent>(count).fill(single) : null;
  return facts(dtype, result, filled);
};

const depthToSpace: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const size = call.int('blocksize', 0);
  if (shape?.length !== 4 || size < 1) return { ...UNKNOWN, dtype };
  const [batch, channels, height, width] = shape;
  return facts(dtype, [
    batch ?? null,
    divideFloor(channels ?? null, size * size),
    product([height ?? null, size]),
    product([width ?? null, size]),
  ]);
};

const spaceToDepth: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const size = call.int('blocksize', 0);
  if (shape?.length !== 4 || size < 1) return { ...UNKNOWN, dtype };
  const [batch, channels, height, width] = shape;
  return facts(dtype, [
    batch ?? null,
    product([channels ?? null, size * size]),
    divideFloor(height ?? null, size),
    divideFloor(width ?? null, size),
  ]);
};

export const RESHAPING: Readonly<Record<string, ShapeRule>> = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
