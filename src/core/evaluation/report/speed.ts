import type { Latency } from '../latency';
import type { Measurement } from '../measurement.schema';
import type { Report } from '../report.schema';

type Speed = NonNullable<Report['speed']>;

/** Ratios closer to 1 than this are called the same; latency swings by some percent from measurement to measurement. */
const SAME_SPEED = 1.1;
/** From this many runs, taken in turns, the medians are known well whatever single runs did. */
const MANY_RUNS = 30;

/** What two latencies say about each other; null where one was not measured. The one rule for texts and pages. */
export function speedOf(before: Pick<Measurement, 'latencyMs'>, after: Pick<Measurement, 'latencyMs'>): Speed | null {
  const [first, second] = [before.latencyMs, after.latencyMs];
  if (!first || !second) return null;
  const ratio = first.median / second.median;
  if (ratio < SAME_SPEED && 1 / ratio < SAME_SPEED) return 'same';
  if (!isCertain(first, second)) return 'uncertain';
  return ratio > 1 ? 'faster' : 'slower';
}

/** Few runs tell a difference only where almost all runs of one model are on the same side of the other's median. */
function isCertain(before: Latency, after: Latency): boolean {
  if (Math.min(before.runs, after.runs) >= MANY_RUNS) return true;
  const [faster, slower] = before.median < after.median ? [before, after] : [after, before];
  return faster.p95 < slower.median;
}
