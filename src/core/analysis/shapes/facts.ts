import type { DType } from '../../model/dtype';
import type { Extent } from './extent';
import { product } from './extent';

/** What is known of one value while shapes are computed. */
export interface Facts {
  readonly dtype: DType | null;
  readonly shape: readonly Extent[] | null;
  /** The elements, row-major, where they are small and follow from shapes and constants. */
  readonly value?: readonly Extent[] | undefined;
}

export const UNKNOWN: Facts = { dtype: null, shape: null };

/** ONNX sets no bound; no framework makes tensors of more dimensions, and work here is bounded by it. */
export const MAX_RANK = 64;

/** Longer tensors are data, not shapes. */
export const MAX_VALUE_ELEMENTS = 4096;

export function facts(dtype: DType | null, shape: readonly Extent[] | null, value?: readonly Extent[] | null): Facts {
  if (shape === null || shape.length > MAX_RANK) return { dtype, shape: null };
  const sane = shape.map((extent) =>
    typeof extent === 'number' && !(Number.isSafeInteger(extent) && extent >= 0) ? null : extent,
  );
  const kept = value && value.length <= MAX_VALUE_ELEMENTS && product(sane) === value.length ? value : undefined;
  return { dtype, shape: sane, value: kept };
}

export function scalar(dtype: DType | null, value?: Extent): Facts {
  return facts(dtype, [], value === undefined ? undefined : [value]);
}

/** The axis counted from the front; null outside the rank. */
export function axisOf(axis: Extent | undefined, rank: number): number | null {
  if (typeof axis !== 'number' || !Number.isInteger(axis)) return null;
  const from = axis < 0 ? axis + rank : axis;
  return from >= 0 && from < rank ? from : null;
}

/** A shape of which only the rank is known. */
export function unknownShape(rank: number): Extent[] {
  return new Array<Extent>(Math.max(0, Math.min(rank, MAX_RANK))).fill(null);
}
