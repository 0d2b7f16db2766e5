import type { Measurement } from './measurement.schema';

type Judged = Pick<Measurement, 'metric' | 'value' | 'headline'>;

/**
 * What a model lost against the original, in percentage points; negative for a gain, null when it was not measured.
 * Agreement and similarity are held against 1. Errors and perplexity have no points: for them it is the rise in percent
 * of the original's.
 */
export function dropInPoints(before: Judged, after: Judged): number | null {
  if (after.value === null) return null;
  if (after.metric === 'fidelity' || after.metric === 'similarity') return (1 - after.value) * 100;
  if (before.value === null || before.metric !== after.metric) return null;
  if (after.headline?.better !== 'lower') return (before.value - after.value) * 100;
  if (before.value === 0) return after.value === 0 ? 0 : Infinity;
  return (after.value / before.value - 1) * 100;
}
