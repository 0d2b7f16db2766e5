import type { Extent } from './extent';
import { multiply } from './extent';
import { axisOf, facts, UNKNOWN } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';

/** Resize of operator set 10 has no `roi`; from 11 on: X, roi, scales, sizes. Upsample: X, scales. */
const resize: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  if (shape === null) return { ...UNKNOWN, dtype };
  const scalesAt = call.node.opType === 'Upsample' || call.opset < 11 ? 1 : 2;
  const axes = (call.ints('axes') ?? shape.map((_, axis) => axis)).map((axis) => axisOf(axis, shape.length));
  const sizes = call.has(3) ? call.values(3) : null;
  const scales = scalesOf(call, scalesAt);
  const result = [...shape];
  axes.forEach((axis, index) => {
    if (axis !== null) result[axis] = resized(call, shape[axis] ?? null, sizes?.[index], scales?.[index]);
  });
  return facts(dtype, result);
};

function scalesOf(call: OperatorCall, index: number): readonly Extent[] | null {
  const attribute = call.node.attributes.get('scales');
  return attribute?.kind === 'floats' ? attribute.value : call.values(index);
}

function resized(call: OperatorCall, length: Extent, size: Extent | undefined, scale: Extent | undefined): Extent {
  if (size !== undefined) return call.text('keep_aspect_ratio_policy', 'stretch') === 'stretch' ? size : null;
  if (typeof scale !== 'number') return null;
  if (typeof length === 'number') return Math.floor(length * scale);
  return Number.isInteger(scale) ? multiply(length, scale) : null;
}

/** `[N, C, H, W]` sampled at a grid `[N, H', W', 2]`. */
const gridSample: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const grid = call.input(1).shape;
  return facts(dtype, shape === null || grid === null ? null : [...shape.slice(0, 2), ...grid.slice(1, -1)]);
};

export const RESIZING: Readonly<Record<string, ShapeRule>> = {
  Resize: resize,
  Upsample: resize,
  GridSample: gridSample,
};
