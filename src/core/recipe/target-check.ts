import { dropInPoints } from '../evaluation/drop';
import type { Measurement } from '../evaluation/measurement.schema';
import type { Report } from '../evaluation/report.schema';
import type { Recipe } from './recipe.schema';

/** Differences below this (in points) come from binary fractions, not from answers. */
const ROUNDING = 1e-9;

/**
 * Whether a recipe's targets were met; null when it has none. Without labels the drop is that of fidelity. A drop that
 * was not measured meets no target: what was asked for is not known to be so.
 */
export function checkTarget(recipe: Recipe, before: Measurement, after: Measurement): Report['target'] {
  const maxDrop = recipe.target?.maxDrop;
  if (maxDrop === undefined) return null;
  const drop = dropInPoints(before, after);
  return { maxDrop, met: drop !== null && drop <= maxDrop + ROUNDING };
}
