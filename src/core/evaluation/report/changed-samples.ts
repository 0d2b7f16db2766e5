import { throwIfCancelled } from '../../progress';
import type { DataSet } from '../data';
import { NO_ANSWER } from '../class-scores';
import type { ChangedSample, Report } from '../report.schema';
import { thumbnail } from '../thumbnail';

/** The report's gallery shows no more; the total is told. */
const MOST_SHOWN = 60;

/**
 * The samples on which two models answer differently: mistakes that are new first, then mistakes that are gone, then
 * the rest, each in the order of the set.
 * @param before class of each sample, in the order of the set
 */
export async function changedSamples(
  set: DataSet,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  signal?: AbortSignal,
): Promise<Report['changed']> {
  const changed = Array.from({ length: set.length }, (_, index) => index).filter(
    (index) => before[index] !== after[index],
  );
  const shown: ChangedSample[] = [];
  for (const index of byWeight(changed, set.labels, before, after).slice(0, MOST_SHOWN)) {
    if (signal) throwIfCancelled(signal);
    const label = set.labels?.[index];
    shown.push({
      index,
      label: label === undefined ? null : className(set, label),
      before: className(set, before[index]),
      after: className(set, after[index]),
      picture: thumbnail(await set.picture(index)),
    });
  }
  return { total: changed.length, shown };
}

function byWeight(
  changed: readonly number[],
  labels: Int32Array | null,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
): number[] {
  const rank = (index: number): number => {
    if (labels === null) return 2;
    if (before[index] === labels[index]) return 0;
    return after[index] === labels[index] ? 1 : 2;
  };
  return [...changed].sort((a, b) => rank(a) - rank(b) || a - b);
}

function className({ classNames }: DataSet, answer: number | undefined): string {
  if (answer === undefined || answer === NO_ANSWER) return 'none';
  return classNames?.[answer] ?? String(answer);
}
