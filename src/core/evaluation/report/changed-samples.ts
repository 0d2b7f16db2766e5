import { encode } from 'fast-png';
import { throwIfCancelled } from '../../progress';
import type { DataSet, Picture } from '../data';
import { resize } from '../data/resize';
import { NO_ANSWER } from '../class-scores';
import type { ChangedSample, Report } from '../report.schema';

/** The report's gallery shows no more; the total is told. */
const MOST_SHOWN = 60;
/** Pictures are thumbnails: a report stays a file that can be sent. */
const LARGEST_SIDE = 96;

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
      picture: await thumbnail(set, index),
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

async function thumbnail(set: DataSet, index: number): Promise<string | null> {
  const picture = await set.picture(index);
  if (picture === null) return null;
  const { width, height, channels, pixels } = reduced(picture);
  const png = encode({ width, height, channels, depth: 8, data: pixels });
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

function reduced(picture: Picture): Picture {
  const factor = LARGEST_SIDE / Math.max(picture.width, picture.height);
  if (factor >= 1) return picture;
  const scaled = (side: number): number => Math.max(1, Math.round(side * factor));
  return resize(picture, scaled(picture.width), scaled(picture.height));
}
