/** The smallest and the largest value that were seen. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export const EMPTY_RANGE: Range = { min: Infinity, max: -Infinity };

/** The range that holds both. */
export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

/** True when both bounds are numbers that can be scaled. */
export function hasBounds(range: Range): boolean {
  return Number.isFinite(range.min) && Number.isFinite(range.max);
}
