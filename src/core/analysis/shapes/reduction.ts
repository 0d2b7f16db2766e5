import type { Extent } from './extent';
import { axisOf, facts, UNKNOWN, unknownShape } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';
import { product } from './extent';

const reduce: ShapeRule = (call) => {
  const input = call.input(0);
  const shape = reducedShape(call);
  return facts(input.dtype, shape, reducedValue(call));
};

function reducedShape(call: OperatorCall): Extent[] | null {
  const { shape } = call.input(0);
  if (shape === null) return null;
  const keep = call.int('keepdims', 1) !== 0;
  const given = call.axes('axes', 1);
  if (given === null && call.has(1)) return keep ? unknownShape(shape.length) : null;
  if ((given?.length ?? 0) === 0) {
    if (call.int('noop_with_empty_axes', 0) !== 0) return [...shape];
    return keep ? shape.map(() => 1) : [];
  }
  const axes = new Set(given?.map((axis) => axisOf(axis, shape.length)));
  if (axes.has(null)) return null;
  return keep ? shape.map((length, axis) => (axes.has(axis) ? 1 : length)) : shape.filter((_, axis) => !axes.has(axis));
}

/** A vector's product or sum, as exporters compute element counts. */
function reducedValue(call: OperatorCall): Extent[] | null {
  const { shape, value } = call.input(0);
  if (value === undefined || shape?.length !== 1 || call.node.opType !== 'ReduceProd') return null;
  return [product(value)];
}

const argument: ShapeRule = (call) => {
  const { shape } = call.input(0);
  const axis = shape === null ? null : axisOf(call.int('axis', 0), shape.length);
  if (shape === null || axis === null) return { ...UNKNOWN, dtype: 'int64' };
  const keep = call.int('keepdims', 1) !== 0;
  return facts(
    'int64',
    keep ? shape.map((length, at) => (at === axis ? 1 : length)) : shape.filter((_, at) => at !== axis),
  );
};

const REDUCTIONS =
  'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare';

export const REDUCTION: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(REDUCTIONS.split(' ').map((name) => [name, reduce])),
  ArgMax: argument,
  ArgMin: argument,
};
