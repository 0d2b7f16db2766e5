import type { Extent } from './extent';
import { sameExtent } from './extent';

/** NumPy's rule; a length that two symbols leave open is unknown. Null when a rank is unknown. */
export function broadcastShapes(shapes: readonly (readonly Extent[] | null)[]): Extent[] | null {
  let result: Extent[] = [];
  for (const shape of shapes) {
    if (shape === null) return null;
    result = broadcastPair(result, shape);
  }
  return result;
}

function broadcastPair(left: readonly Extent[], right: readonly Extent[]): Extent[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) =>
    broadcastExtent(extentAt(left, rank, axis), extentAt(right, rank, axis)),
  );
}

function extentAt(shape: readonly Extent[], rank: number, axis: number): Extent {
  const at = axis - (rank - shape.length);
  return at < 0 ? 1 : (shape[at] ?? null);
}

function broadcastExtent(left: Extent, right: Extent): Extent {
  if (left === 1) return right;
  if (right === 1) return left;
  if (sameExtent(left, right)) return left;
  // One fixed length beyond 1 wins over a length that is not known: it must be equal, or 1.
  if (typeof left === 'number' && typeof right !== 'number') return left;
  if (typeof right === 'number' && typeof left !== 'number') return right;
  return null;
}

/** The flat index into a tensor of `shape` for every element of the broadcast `target`; both of numbers. */
export function broadcastIndices(shape: readonly number[], target: readonly number[]): number[] {
  const count = target.reduce((total, length) => total * length, 1);
  const indices: number[] = [];
  for (let flat = 0; flat < count; flat += 1) {
    let rest = flat;
    let index = 0;
    let stride = 1;
    for (let axis = target.length - 1; axis >= 0; axis -= 1) {
      const length = target[axis] ?? 1;
      const own = shape[axis - (target.length - shape.length)];
      const coordinate = rest % length;
      rest = Math.floor(rest / length);
      if (own === undefined) continue;
      if (own !== 1) index += coordinate * stride;
      stride *= own;
    }
    indices.push(index);
  }
  return indices;
}

/** The shape as numbers, or null where one is not known. */
export function fixedShape(shape: readonly Extent[] | null): number[] | null {
  if (shape === null) return null;
  const fixed = shape.filter((extent): extent is number => typeof extent === 'number');
  return fixed.length === shape.length ? fixed : null;
}
