import { bytesText } from '../../evaluation/report/figures';
import type { Bench } from './original';
import type { SearchRequest, SearchResult, SearchTarget } from './request';
import type { Trial, Trials } from './trials';

/** Differences below this (in points) come from binary fractions. */
const ROUNDING = 1e-9;

export function meetsDrop(trial: Trial, { maxDrop }: SearchTarget): boolean {
  return maxDrop === undefined || trial.dropAtMost <= maxDrop + ROUNDING;
}

function meetsSize(trial: Trial, { maxSize }: SearchTarget): boolean {
  return maxSize === undefined || trial.bytes <= maxSize;
}

/** What a search comes to: the best of everything tried, or how close it came. */
export function outcomeOf(request: SearchRequest, trials: Trials, bench: Bench): SearchResult {
  const { target, bytes } = request;
  const smaller = trials.all.filter((trial) => trial.bytes < bytes);
  const within = smaller.filter((trial) => meetsDrop(trial, target));
  const met = within.filter((trial) => meetsSize(trial, target));
  const reached = met.length > 0;
  const chosen = reached ? bestOf(met, target) : closestOf(smaller, within, target);
  return {
    step: chosen?.step ?? null,
    front: trials.front(chosen),
    reached,
    closest: reached ? null : closestSentence(request, bench, chosen, smaller.length),
    notes: [
      `Encodings were chosen for each layer by ${bench.judge.metric} on ${count(bench.samples.length)} selection samples, none of them from the test; ${count(trials.all.length)} combinations were measured.`,
    ],
  };
}

/** The smallest; where only the size is limited, the one nearest to the original's answers. */
function bestOf(trials: readonly Trial[], { maxDrop }: SearchTarget): Trial | null {
  return maxDrop === undefined ? least(trials, ({ damage }) => damage) : least(trials, ({ bytes }) => bytes);
}

/** Of those within the drop the smallest, else the one that drops least; where only the size counts, the smallest. */
function closestOf(all: readonly Trial[], within: readonly Trial[], { maxDrop }: SearchTarget): Trial | null {
  if (maxDrop === undefined) return least(all, ({ bytes }) => bytes);
  return within.length > 0 ? least(within, ({ bytes }) => bytes) : least(all, ({ dropAtMost }) => dropAtMost);
}

function least(trials: readonly Trial[], figure: (trial: Trial) => number): Trial | null {
  return trials.reduce<Trial | null>((best, trial) => (best && figure(best) <= figure(trial) ? best : trial), null);
}

function closestSentence({ file, target }: SearchRequest, bench: Bench, chosen: Trial | null, tried: number): string {
  if (chosen === null) return `No way to encode the weights of "${file}" that was tried makes it smaller.`;
  const limits = [
    target.maxDrop === undefined ? '' : `a drop of at most ${points(target.maxDrop)} in ${bench.judge.metric}`,
    target.maxSize === undefined ? '' : `at most ${bytesText(target.maxSize)}`,
  ].filter((limit) => limit !== '');
  return `None of ${count(tried)} combinations meets ${limits.join(' and ')} on ${count(bench.samples.length)} selection samples. The closest has ${bytesText(chosen.bytes)} and drops by up to ${points(chosen.dropAtMost)}: ${chosen.name}.`;
}

function points(drop: number): string {
  const rounded = Number(drop.toFixed(2));
  return `${rounded} ${rounded === 1 ? 'point' : 'points'}`;
}

function count(samples: number): string {
  return samples.toLocaleString('en-US');
}
