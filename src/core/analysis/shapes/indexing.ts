import { fixedShape } from './broadcast';
import { cut } from './element-selection';
import type { Extent } from './extent';
import { add, divideCeil, multiply, subtract } from './extent';
import type { Facts } from './facts';
import { axisOf, facts, MAX_VALUE_ELEMENTS, UNKNOWN } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';

const gather: ShapeRule = (call) => {
  const data = call.input(0);
  const indices = call.input(1);
  if (data.shape === null || indices.shape === null) return { ...UNKNOWN, dtype: data.dtype };
  const axis = axisOf(call.int('axis', 0), data.shape.length);
  if (axis === null) return { ...UNKNOWN, dtype: data.dtype };
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  return facts(data.dtype, shape, gatheredValues(data, indices));
};

/** Elements picked from a vector. */
function gatheredValues(data: Facts, indices: Facts): Extent[] | null {
  const { value } = data;
  if (value === undefined || indices.value === undefined || data.shape?.length !== 1) return null;
  return indices.value.map((index) => {
    const at = axisOf(index, value.length);
    return at === null ? null : (value[at] ?? null);
  });
}

const gatherElements: ShapeRule = (call) => facts(call.input(0).dtype, call.input(1).shape);

const gatherNd: ShapeRule = (call) => {
  const data = call.input(0);
  const indices = call.input(1).shape;
  const depth = indices?.at(-1);
  const batch = call.int('batch_dims', 0);
  if (data.shape === null || !indices || typeof depth !== 'number' || batch < 0)
    return { ...UNKNOWN, dtype: data.dtype };
  return facts(data.dtype, [...indices.slice(0, -1), ...data.shape.slice(batch + depth)]);
};

const concat: ShapeRule = (call) => {
  const dtype = call.inputs.find((input) => input.dtype !== null)?.dtype ?? null;
  const first = call.inputs.find((input) => input.shape !== null)?.shape;
  if (!first) return { ...UNKNOWN, dtype };
  const axis = axisOf(call.int('axis', call.opset < 4 ? 1 : 0), first.length);
  if (axis === null) return { ...UNKNOWN, dtype };
  const shape = first.map((length, at) => {
    const lengths = call.inputs.map((input) => input.shape?.[at] ?? null);
    if (at === axis) return lengths.reduce<Extent>(add, 0);
    return (
      lengths.find((candidate) => typeof candidate === 'number') ?? length ?? lengths.find((l) => l !== null) ?? null
    );
  });
  return facts(dtype, shape, first.length === 1 ? concatenatedValues(call) : null);
};

function concatenatedValues(call: OperatorCall): Extent[] | null {
  const parts: Extent[] = [];
  for (const { shape, value } of call.inputs) {
    const length = shape?.[0];
    if (typeof length !== 'number' || parts.length + length > MAX_VALUE_ELEMENTS) return null;
    parts.push(...(value ?? new Array<Extent>(length).fill(null)));
  }
  return parts;
}

const slice: ShapeRule = (call) => {
  const data = call.input(0);
  const { shape } = data;
  if (shape === null) return { ...UNKNOWN, dtype: data.dtype };
  const starts = call.axes('starts', 1);
  const ends = call.axes('ends', 2);
  const count = starts?.length ?? ends?.length;
  const named = call.axes('axes', 3) ?? (call.has(3) ? null : (starts ?? ends)?.map((_, index) => index));
  const axes = named?.map((axis) => axisOf(axis, shape.length));
  // Which axes are cut is not known: only the rank is.
  if (count === undefined || !axes || axes.includes(null))
    return facts(
      data.dtype,
      shape.map(() => null),
    );
  const steps = call.values(4) ?? (call.has(4) ? axes.map(() => null) : axes.map(() => 1));
  const cuts = axes.map((axis, index) => ({
    axis: axis ?? 0,
    start: starts?.[index] ?? null,
    end: ends?.[index] ?? null,
    step: steps[index] ?? null,
  }));
  const result = [...shape];
  for (const { axis, start, end, step } of cuts) result[axis] = slicedLength(shape[axis] ?? null, start, end, step);
  return facts(data.dtype, result, slicedValues(data, cuts));
};

interface Cut {
  readonly axis: number;
  readonly start: Extent;
  readonly end: Extent;
  readonly step: Extent;
}

/** Exporters write "to the end" as the largest integer of 32 or 64 bits, or as a billion. */
const OPEN_END = 1_000_000_000;

/**
 * Of a symbolic length, cuts from either end are expressions, taken as inside it; `[0, n)` may be longer than the
 * length and stays unknown, except for a first element.
 */
function slicedLength(length: Extent, start: Extent, end: Extent, step: Extent): Extent {
  if (typeof step !== 'number' || step === 0 || start === null || end === null) return null;
  if (typeof length === 'number' && typeof start === 'number' && typeof end === 'number') {
    return sliceRange(length, start, end, step).count;
  }
  if (step < 0 || typeof start !== 'number') return null;
  if (start === 0 && end === 1) return 1;
  if (start < 0) return start === -1 && typeof end === 'number' && end >= OPEN_END ? 1 : null;
  if (typeof end === 'number' && end >= 0 && end < OPEN_END) return null;
  const stop = typeof end !== 'number' ? end : end < 0 ? add(length, end) : length;
  return divideCeil(subtract(stop, start), step);
}

function sliceRange(length: number, start: number, end: number, step: number): { first: number; count: number } {
  const clamp = (index: number): number => {
    const from = index < 0 ? index + length : index;
    return step > 0 ? Math.min(Math.max(from, 0), length) : Math.min(Math.max(from, -1), length - 1);
  };
  const first = clamp(start);
  // A negative step runs down to -1 exclusive; `-length - 1` and below say so.
  const last = step < 0 && end < -length ? -1 : clamp(end);
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

function slicedValues(data: Facts, cuts: readonly Cut[]): Extent[] | null {
  const shape = fixedShape(data.shape);
  if (data.value === undefined || shape === null) return null;
  const ranges = shape.map((length) => ({ first: 0, count: length, step: 1 }));
  for (const { axis, start, end, step } of cuts) {
    if (typeof start !== 'number' || typeof end !== 'number' || typeof step !== 'number' || step === 0) return null;
    ranges[axis] = { ...sliceRange(shape[axis] ?? 0, start, end, step), step };
  }
  return cut(data.value, shape, ranges);
}

const split: ShapeRule = (call) => {
  const { dtype, shape, value } = call.input(0);
  const outputs = call.node.outputs.length;
  const axis = shape === null ? null : axisOf(call.int('axis', 0), shape.length);
  if (shape === null || axis === null) return call.node.outputs.map(() => ({ ...UNKNOWN, dtype }));
  const sizes =
    call.axes('split', 1) ?? (call.has(1) ? null : evenSizes(shape[axis] ?? null, call.int('num_outputs', outputs)));
  let from = 0;
  return call.node.outputs.map((_, index) => {
    const size = sizes?.[index] ?? null;
    const part = shape.length === 1 && typeof size === 'number' ? value?.slice(from, from + size) : null;
    from += typeof size === 'number' ? size : NaN;
    return facts(
      dtype,
      shape.map((length, at) => (at === axis ? size : length)),
      part,
    );
  });
};

/** Equal parts, the last one smaller where the length does not divide (operator set 18). */
function evenSizes(length: Extent, outputs: number): Extent[] | null {
  if (typeof length !== 'number' || !Number.isInteger(outputs) || outputs < 1 || outputs > MAX_VALUE_ELEMENTS)
    return null;
  const size = Math.ceil(length / outputs);
  return Array.from({ length: outputs }, (_, index) => Math.max(0, Math.min(size, length - index * size)));
}

const tile: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const repeats = call.values(1);
  return facts(dtype, shape?.map((length, axis) => multiply(length, repeats?.[axis] ?? null)) ?? null);
};

const pad: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  if (shape === null) return { ...UNKNOWN, dtype };
  const pads = call.ints('paddings') ?? call.axes('pads', 1);
  const axes = call.has(3) ? call.values(3)?.map((axis) => axisOf(axis, shape.length)) : shape.map((_, axis) => axis);
  if (pads === null || !axes || axes.includes(null) || pads.length !== 2 * axes.length) {
    return facts(
      dtype,
      shape.map(() => null),
    );
  }
  const result = [...shape];
  axes.forEach((axis, index) => {
    if (axis === null) return;
    const both = add(pads[index] ?? null, pads[index + axes.length] ?? null);
    result[axis] = add(shape[axis] ?? null, both);
  });
  return facts(dtype, result);
};

const topK: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const axis = shape === null ? null : axisOf(call.int('axis', -1), shape.length);
  const count = call.node.attributes.has('k') ? call.int('k', 0) : (call.values(1)?.[0] ?? null);
  const result = shape === null || axis === null ? null : shape.map((length, at) => (at === axis ? count : length));
  return [facts(dtype, result), facts('int64', result)];
};

const oneHot: ShapeRule = (call) => {
  const { shape } = call.input(0);
  const depth = call.values(1)?.[0] ?? null;
  if (shape === null) return { ...UNKNOWN, dtype: call.input(2).dtype };
  const axis = axisOf(call.int('axis', -1), shape.length + 1) ?? shape.length;
  return facts(call.input(2).dtype, [...shape.slice(0, axis), depth, ...shape.slice(axis)]);
};

/** How many elements are found follows from data. */
const nonZero: ShapeRule = (call) => facts('int64', [call.input(0).shape?.length ?? null, null]);
const nonMaxSuppression: ShapeRule = () => facts('int64', [null, 3]);
const compress: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  if (!call.node.attributes.has('axis')) return facts(dtype, [null]);
  const axis = shape === null ? null : axisOf(call.int('axis', 0), shape.length);
  return facts(
    dtype,
    shape === null || axis === null ? null : shape.map((length, at) => (at === axis ? null : length)),
  );
};

export const INDEXING: Readonly<Record<string, ShapeRule>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  Concat: concat,
  Slice: slice,
  Split: split,
  Tile: tile,
  Pad: pad,
  TopK: topK,
  OneHot: oneHot,
  NonZero: nonZero,
  NonMaxSuppression: nonMaxSuppression,
  Compress: compress,
};
