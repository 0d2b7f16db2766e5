import { comparePairedMeans } from './estimates';
import { wilsonInterval } from './interval';
import type { Report } from './report.schema';

export type PairedComparison = NonNullable<Report['paired']>;

/**
 * Two models' answers on the same samples: agreement, and with labels the change of accuracy (after - before) with its
 * 95 % interval and the exact McNemar test.
 * @param labels null: agreement only
 */
export function comparePaired(before: Int32Array, after: Int32Array, labels: Int32Array | null): PairedComparison {
  const samples = before.length;
  const agreeing = before.reduce((sum, answer, index) => sum + (answer === after[index] ? 1 : 0), 0);
  const agreement = samples === 0 ? 1 : agreeing / samples;
  if (labels === null || samples === 0) return { samples, agreement, change: null, interval: null, pValue: null };
  const table = crossTable(before, after, labels);
  return {
    samples,
    agreement,
    change: (table.gained - table.lost) / samples,
    interval: pairedInterval(table),
    pValue: exactMcNemar(table.lost, table.gained),
  };
}

/**
 * Two models' headline figures on the same samples: shares of right samples (1 or 0) as right answers are, others by
 * Student's paired test. Agreement is the share of samples with the same figure.
 */
export function comparePairedScores(before: Float64Array, after: Float64Array): PairedComparison {
  const isRight = (figure: number): boolean => figure === 0 || figure === 1;
  if (before.every(isRight) && after.every(isRight)) {
    return comparePaired(Int32Array.from(before), Int32Array.from(after), new Int32Array(before.length).fill(1));
  }
  const same = before.reduce((sum, figure, at) => sum + (figure === after[at] ? 1 : 0), 0);
  return { samples: before.length, agreement: same / before.length, ...comparePairedMeans(before, after) };
}

/** Samples by who was right. */
export interface CrossTable {
  readonly both: number;
  /** Right before, wrong after. */
  readonly lost: number;
  /** Wrong before, right after. */
  readonly gained: number;
  readonly neither: number;
}

function crossTable(before: Int32Array, after: Int32Array, labels: Int32Array): CrossTable {
  const table = { both: 0, lost: 0, gained: 0, neither: 0 };
  labels.forEach((label, index) => {
    const was = before[index] === label;
    const is = after[index] === label;
    table[was ? (is ? 'both' : 'lost') : is ? 'gained' : 'neither']++;
  });
  return table;
}

/** Two-sided exact McNemar test: of the samples whose correctness changed, half should have changed each way. */
export function exactMcNemar(lost: number, gained: number): number {
  const changed = lost + gained;
  const fewer = Math.min(lost, gained);
  // Binomial terms C(n, k) / 2^n by their logarithms, since 2^n overflows beyond 1023.
  let logTerm = -changed * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log((changed - k + 1) / k);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}

/**
 * 95 % interval of the difference of two paired proportions, after - before (Newcombe, Statistics in Medicine 17, 1998,
 * 2635-2650, method 10: Wilson's limits, with the correlation of the pairs).
 */
export function pairedInterval({ both, lost, gained, neither }: CrossTable): [number, number] {
  const samples = both + lost + gained + neither;
  const after = (both + gained) / samples;
  const before = (both + lost) / samples;
  const [afterLow, afterHigh] = wilsonInterval(both + gained, samples);
  const [beforeLow, beforeHigh] = wilsonInterval(both + lost, samples);
  const correlation = pairCorrelation({ both, lost, gained, neither });
  const spread = (one: number, other: number): number =>
    Math.sqrt(Math.max(0, one * one - 2 * correlation * one * other + other * other));
  const difference = after - before;
  return [
    difference - spread(after - afterLow, beforeHigh - before),
    difference + spread(afterHigh - after, before - beforeLow),
  ];
}

function pairCorrelation({ both, lost, gained, neither }: CrossTable): number {
  const margins = (both + lost) * (gained + neither) * (both + gained) * (lost + neither);
  if (margins === 0) return 0;
  const product = both * neither - lost * gained;
  const samples = both + lost + gained + neither;
  const corrected = product > 0 ? Math.max(product - samples / 2, 0) : product;
  return corrected / Math.sqrt(margins);
}
