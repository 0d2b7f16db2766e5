import type { Extent } from './extent';
import { sameExtent } from './extent';
import type { Facts } from './facts';
import { facts, scalar, UNKNOWN } from './facts';
import type { ShapeRule } from './operator-call';

/** What two branches, or two rounds of a loop, agree on. */
function agreed(left: Facts, right: Facts): Facts {
  const dtype = left.dtype === right.dtype ? left.dtype : null;
  if (left.shape === null || left.shape.length !== right.shape?.length) return { ...UNKNOWN, dtype };
  const other = right.shape;
  return facts(
    dtype,
    left.shape.map((length, axis): Extent => (sameExtent(length, other[axis] ?? null) ? length : null)),
  );
}

const conditional: ShapeRule = (call) => {
  const yes = call.graph('then_branch');
  const no = call.graph('else_branch');
  if (yes === null || no === null) return [];
  const then = call.inferSubgraph(yes, []);
  const otherwise = call.inferSubgraph(no, []);
  const chosen = call.values(0)?.[0];
  if (typeof chosen === 'number') return chosen === 0 ? otherwise : then;
  return call.node.outputs.map((_, index) => agreed(then[index] ?? UNKNOWN, otherwise[index] ?? UNKNOWN));
};

/** Inputs: trip count, condition, carried values. The body takes (round, condition, ...carried), gives (condition, ...carried, ...scanned). */
const loop: ShapeRule = (call) => {
  const body = call.graph('body');
  if (body === null) return [];
  const counters = [scalar('int64'), scalar('bool')];
  const initial = call.inputs.slice(2).map((input) => facts(input.dtype, input.shape));
  const once = call.inferSubgraph(body, [...counters, ...initial]);
  const carried = initial.map((input, index) => agreed(input, once[index + 1] ?? UNKNOWN));
  const settled = call.inferSubgraph(body, [...counters, ...carried]);
  const trips = call.values(0)?.[0] ?? null;
  return call.node.outputs.map((_, index) => {
    const result = settled[index + 1] ?? UNKNOWN;
    if (index < carried.length) return agreed(carried[index] ?? UNKNOWN, result);
    return facts(result.dtype, result.shape === null ? null : [call.has(1) ? null : trips, ...result.shape]);
  });
};

/** Inputs: states, then scanned sequences (axis 0 unless said otherwise). */
const scan: ShapeRule = (call) => {
  const body = call.graph('body');
  const scanned = call.int('num_scan_inputs', 0);
  const axes = call.ints('scan_input_axes');
  if (body === null || call.opset < 9 || scanned < 0 || scanned > call.inputs.length) return [];
  const states = call.inputs.slice(0, call.inputs.length - scanned).map((input) => facts(input.dtype, input.shape));
  const sequences = call.inputs.slice(states.length);
  const slices = sequences.map(({ dtype, shape }, index) => {
    const axis = axes?.[index] ?? 0;
    return shape === null ? { ...UNKNOWN, dtype } : facts(dtype, spliced(shape, axis, 1));
  });
  const results = call.inferSubgraph(body, [...states, ...slices]);
  const length = sequences[0]?.shape?.[axes?.[0] ?? 0] ?? null;
  const outputAxes = call.ints('scan_output_axes');
  return call.node.outputs.map((_, index) => {
    const result = results[index] ?? UNKNOWN;
    if (index < states.length) return agreed(states[index] ?? UNKNOWN, result);
    const axis = outputAxes?.[index - states.length] ?? 0;
    return facts(result.dtype, result.shape === null ? null : spliced(result.shape, axis, 0, length));
  });
};

export const CONTROL_FLOW: Readonly<Record<string, ShapeRule>> = { If: conditional, Loop: loop, Scan: scan };

function spliced(shape: readonly Extent[], axis: number, removed: number, ...added: Extent[]): Extent[] {
  const copy = [...shape];
  copy.splice(axis, removed, ...added);
  return copy;
}
