import type { Measurement } from '../measurement.schema';
import type { Report } from '../report.schema';
import { integerText, judgedName, judgedText, numberText, percentText, timesText } from './figures';
import { speedOf } from './speed';

export interface VerdictFacts {
  before: Measurement;
  after: Measurement;
  paired: Report['paired'];
  /** What a sample is: "images" where they are pictures, "samples" otherwise. */
  unit: 'images' | 'samples';
}

/** Ratios closer to 1 than this are called the same. */
const SAME_SIZE = 1.02;
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

/** Null where speed was not measured. A ratio is told only where the runs bear it out. */
function speedClause({ before, after }: VerdictFacts): string | null {
  const speed = speedOf(before, after);
  if (speed === null || !before.latencyMs || !after.latencyMs) return null;
  if (speed === 'same') return 'as fast as before';
  if (speed === 'uncertain') return 'no difference in speed beyond the spread of the runs';
  return ratioClause(before.latencyMs.median / after.latencyMs.median, 1, 'faster', 'slower');
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
  return `${judgedName(after)} ${change(before, after, after.value)} (${counted}${spread(after)})`;
}

/** "93.4 % to 93.3 %": with more digits where fewer would hide a change. */
function change(before: Measurement, after: Measurement, value: number): string {
  if (before.value === null || before.metric !== after.metric) return judgedText(after, value);
  if (before.value === value) return `${judgedText(after, value)} as before`;
  const decimals = judgedText(after, before.value) === judgedText(after, value) ? 2 : 1;
  return `${judgedText(after, before.value, decimals)} to ${judgedText(after, value, decimals)}`;
}

/** Half a 95 % interval: in percentage points for shares. */
function spread({ headline, interval }: Measurement): string {
  if (!interval) return '';
  const half = (interval[1] - interval[0]) / 2;
  return `, ±${headline?.unit === 'number' ? numberText(half) : (half * 100).toFixed(1)}`;
}

function remarks({ before, after, paired }: VerdictFacts): string[] {
  if (after.metric === null) return [after.reason ?? 'Accuracy is not measured.'];
  if (after.metric === 'fidelity' || after.metric === 'similarity') return ['Without labels, accuracy is unknown.'];
  const changed = before.value !== null && after.value !== null && before.value !== after.value;
  if (!changed || paired?.pValue === undefined || paired.pValue === null) return [];
  return paired.pValue >= SIGNIFICANT ? [`The change in ${judgedName(after)} is within chance.`] : [];
}
