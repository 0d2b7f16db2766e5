import type { LabelledBox } from '../data/data-set';
import { valuesOfSample, type OutputValues } from './metric';

/** An object that a model found, in the same units as `LabelledBox`. */
export interface Detection extends Omit<LabelledBox, 'crowd'> {
  readonly score: number;
}

/** What raw candidates must have to count at all, and how much two of one class may overlap: Ultralytics' defaults. */
const LEAST_SCORE = 0.001;
const MOST_OVERLAP = 0.7;
/** Suppression compares each with each: the best so many are kept, as there. */
const MOST_CANDIDATES = 1000;

/** How an output says what was found. */
export type DetectionReader = (output: OutputValues, index: number) => Detection[];

/** The input's size in pixels, which coordinates are in. */
export interface InputSize {
  readonly width: number;
  readonly height: number;
}

/**
 * A reader for an output's shape, without the batch: `[found, 6]` (left, top, right, bottom, score, class) of models
 * that suppress overlaps themselves, or `[4 + classes, candidates]` (centre, width, height, a score a class) as YOLO
 * gives them; null for others.
 */
export function detectionReader(
  shape: readonly (number | string)[],
  classes: number,
  size: InputSize,
): DetectionReader | null {
  const [first, last] = shape;
  if (shape.length !== 2) return null;
  if (last === 6 && first !== 4 + classes)
    return (output, index) => finalDetections(valuesOfSample(output, index), size);
  if (first === 4 + classes)
    return (output, index) => suppressed(candidates(valuesOfSample(output, index), classes, size));
  return null;
}

function finalDetections(values: Float64Array, { width, height }: InputSize): Detection[] {
  const found: Detection[] = [];
  for (let at = 0; at + 6 <= values.length; at += 6) {
    const [left = 0, top = 0, right = 0, bottom = 0, score = 0, label = 0] = values.subarray(at, at + 6);
    // Rows that are left over are zeros.
    if (score <= 0) continue;
    found.push({ left: left / width, top: top / height, right: right / width, bottom: bottom / height, score, label });
  }
  return found;
}

function candidates(values: Float64Array, classes: number, { width, height }: InputSize): Detection[] {
  const count = values.length / (4 + classes);
  const at = (row: number, column: number): number => values[row * count + column] ?? 0;
  const found: Detection[] = [];
  for (let column = 0; column < count; column++) {
    let label = 0;
    for (let one = 1; one < classes; one++) if (at(4 + one, column) > at(4 + label, column)) label = one;
    const score = at(4 + label, column);
    if (!(score > LEAST_SCORE)) continue;
    const [halfWidth, halfHeight] = [at(2, column) / 2, at(3, column) / 2];
    found.push({
      label,
      score,
      left: (at(0, column) - halfWidth) / width,
      right: (at(0, column) + halfWidth) / width,
      top: (at(1, column) - halfHeight) / height,
      bottom: (at(1, column) + halfHeight) / height,
    });
  }
  return found.sort((one, other) => other.score - one.score).slice(0, MOST_CANDIDATES);
}

/** The best of each heap of boxes of one class. @param found the best first */
function suppressed(found: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const one of found) {
    if (kept.every((other) => other.label !== one.label || overlap(one, other, false) <= MOST_OVERLAP)) kept.push(one);
  }
  return kept;
}

type Box = Pick<LabelledBox, 'left' | 'top' | 'right' | 'bottom'>;

/** Intersection over union; over the first box alone where the second is a crowd. */
export function overlap(one: Box, other: Box, crowd: boolean): number {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  if (!(width > 0 && height > 0)) return 0;
  const both = width * height;
  return both / (crowd ? areaOf(one) : areaOf(one) + areaOf(other) - both);
}

function areaOf({ left, top, right, bottom }: Box): number {
  return (right - left) * (bottom - top);
}
