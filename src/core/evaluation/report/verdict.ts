import type { Measurement } from '../measurement.schema';
import type { Report } from '../report.schema';
import { integerText, percentText, timesText } from './figures';

export interface VerdictFacts {
  before: Measurement;
  after: Measurement;
  paired: Report['paired'];
  /** What a sample is: "images" where they are pictures, "samples" otherwise. */
  unit: 'images' | 'samples';
}

/** Ratios closer to 1 than this are called the same; latency swings by some percent from measurement to measurement. */
const SAME_SIZE = 1.02;
const SAME_SPEED = 1.1;
/** From this many runs, taken in turns, the medians are known well whatever single runs did. */
const MANY_RUNS = 30;
/** A difference less likely than this by chance alone is called a difference. */
const SIGNIFICANT = 0.05;

/** The report's first line, from measurements alone: size, speed, accuracy, each only where it was measured. */
export function verdict(facts: VerdictFacts): string {
  const clauses = [sizeClause(facts), speedClause(facts), answersClause(facts)].filter((clause) => clause !== null);
  const first = clauses.join(', ');
  return [`${first.charAt(0).toUpperCase()}${first.slice(1)}.`, ...remarks(facts)].join(' ');
}

function sizeClause({ before, after }: VerdictFacts): string {
  return ratioClause(before.bytes / after.bytes, SAME_SIZE, 'smaller', 'larger') ?? 'the same size';
}

/** Null where speed was not measured. */
function speedClause({ before, after }: VerdictFacts): string | null {
  if (!before.latencyMs || !after.latencyMs) return null;
  const clause = ratioClause(before.latencyMs.median / after.latencyMs.median, SAME_SPEED, 'faster', 'slower');
  if (clause === null) return 'as fast as before';
  return isCertain(before.latencyMs, after.latencyMs) ? clause : `${clause} (within the spread of the runs)`;
}

type Latency = NonNullable<Measurement['latencyMs']>;

/** Few runs tell a difference only where almost all runs of one model are on the same side of the other's median. */
function isCertain(before: Latency, after: Latency): boolean {
  if (Math.min(before.runs, after.runs) >= MANY_RUNS) return true;
  const [faster, slower] = before.median < after.median ? [before, after] : [after, before];
  return faster.p95 < slower.median;
}

function ratioClause(ratio: number, same: number, better: string, worse: string): string | null {
  if (ratio < same && 1 / ratio < same) return null;
  const factor = Math.max(ratio, 1 / ratio);
  const word = ratio > 1 ? better : worse;
  return factor < 1.095 ? `${((factor - 1) * 100).toFixed(0)} % ${word}` : `${timesText(factor)} ${word}`;
}

function answersClause(facts: VerdictFacts): string | null {
  const { before, after, unit } = facts;
  if (after.metric === null || after.value === null) return null;
  const counted = `${integerText(after.samples)} ${unit}`;
  if (after.metric === 'fidelity') return `the same answer on ${percentText(after.value)} of ${counted}`;
  const spread = after.interval ? `, ±${halfWidth(after.interval)}` : '';
  return `${accuracies(before.value, after.value)} (${counted}${spread})`;
}

function accuracies(before: number | null, after: number): string {
  if (before === null) return `accuracy ${percentText(after)}`;
  if (before === after) return `accuracy ${percentText(after)} as before`;
  const decimals = percentText(before) === percentText(after) ? 2 : 1;
  return `accuracy ${percentText(before, decimals)} to ${percentText(after, decimals)}`;
}

/** Of a 95 % interval, in percentage points. */
function halfWidth([low, high]: readonly [number, number]): string {
  return (((high - low) / 2) * 100).toFixed(1);
}

function remarks({ before, after, paired }: VerdictFacts): string[] {
  if (after.metric === null) return [after.reason ?? 'Accuracy is not measured.'];
  if (after.metric === 'fidelity') return ['Without labels, accuracy is unknown.'];
  const changed = before.value !== null && after.value !== null && before.value !== after.value;
  if (!changed || paired?.pValue === undefined || paired.pValue === null) return [];
  return paired.pValue >= SIGNIFICANT ? ['The change in accuracy is within chance.'] : [];
}
