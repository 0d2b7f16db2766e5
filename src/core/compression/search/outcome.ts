import { bytesText, integerText, judgedName, judgedText } from '../../evaluation/report/figures';
import type { Gauge } from './gauge';
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

/** Less than this share of what the original is worth beyond chance is no use, however small the file. */
const LEAST_WORTH = 0.5;

/** Errors have no share that is left of them: each model is of use. */
function isUseful({ value }: Trial, { judged, original, chance }: Gauge): boolean {
  return judged.headline?.better === 'lower' || value - chance >= LEAST_WORTH * (original - chance);
}

/** What a search comes to: the best of everything tried, or how close it came. */
export function outcomeOf(request: SearchRequest, trials: Trials, gauge: Gauge, remarks: string[]): SearchResult {
  const { target, bytes } = request;
  const smaller = trials.all.filter((trial) => trial.bytes < bytes);
  const within = smaller.filter((trial) => meetsDrop(trial, target));
  const fitting = within.filter((trial) => meetsSize(trial, target));
  const met = fitting.filter((trial) => target.maxDrop !== undefined || isUseful(trial, gauge));
  const reached = met.length > 0;
  const chosen = bestOf(reached ? met : fitting, target) ?? closestOf(smaller, within, target);
  return {
    step: chosen?.step ?? null,
    original: { bytes, value: gauge.original, metric: gauge.judged.metric },
    front: trials.front(chosen),
    reached,
    closest: reached ? null : closestSentence(request, gauge, chosen, smaller),
    notes: [
      `Encodings were chosen for each layer by ${judgedName(gauge.judged)} on ${integerText(gauge.samples)} selection samples, none of them from the test; ${integerText(trials.all.length)} combinations were measured.`,
      ...fewSamples(target, gauge),
      ...gauge.notes,
      ...remarks,
    ],
  };
}

/** A limit that a single answer breaks is not known to hold. */
function fewSamples({ maxDrop }: SearchTarget, { judged, samples }: Gauge): string[] {
  const isShare = judged.metric === 'accuracy' || judged.metric === 'fidelity';
  if (!isShare || maxDrop === undefined || 100 / samples <= maxDrop) return [];
  return [
    `One answer of ${integerText(samples)} is ${points(100 / samples)} of ${judgedName(judged)}, more than the limit of ${points(maxDrop)}: the result can lose more elsewhere. Give more samples to choose on, with --calibration.`,
  ];
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

function closestSentence(request: SearchRequest, gauge: Gauge, chosen: Trial | null, tried: readonly Trial[]): string {
  const { file, target } = request;
  if (chosen === null) return `No way to encode the weights of "${file}" that was tried makes it smaller.`;
  if (target.maxDrop === undefined && meetsSize(chosen, target)) return uselessSentence(chosen, gauge, tried);
  const limits = [
    target.maxDrop === undefined ? '' : dropLimit(target.maxDrop, gauge),
    target.maxSize === undefined ? '' : `at most ${bytesText(target.maxSize)}`,
  ].filter((limit) => limit !== '');
  return `None of ${integerText(tried.length)} combinations meets ${limits.join(' and ')} on ${integerText(gauge.samples)} selection samples. The closest has ${bytesText(chosen.bytes)} and ${lossOf(chosen, gauge)}: ${chosen.name}.`;
}

/** A file that fits, and answers like none that was trained. */
function uselessSentence(chosen: Trial, gauge: Gauge, tried: readonly Trial[]): string {
  const figure = (value: number): string => judgedText(gauge.judged, value);
  const name = judgedName(gauge.judged);
  const useful = least(
    tried.filter((trial) => isUseful(trial, gauge)),
    ({ bytes }) => bytes,
  );
  const next =
    useful === null
      ? 'Nothing that was tried keeps more.'
      : `The smallest that keeps at least half of it has ${bytesText(useful.bytes)} and ${figure(useful.value)}: ${useful.name}.`;
  return `The best file of this size is of no use: ${bytesText(chosen.bytes)} with ${name} ${figure(chosen.value)} on the selection samples, where the original has ${figure(gauge.original)} (${chosen.name}). ${next}`;
}

function dropLimit(maxDrop: number, { judged }: Gauge): string {
  return judged.headline?.better === 'lower'
    ? `a rise of at most ${rounded(maxDrop)} % in ${judgedName(judged)}`
    : `a drop of at most ${points(maxDrop)} in ${judgedName(judged)}`;
}

function lossOf({ dropAtMost }: Trial, { judged }: Gauge): string {
  return judged.headline?.better === 'lower'
    ? `rises by up to ${rounded(dropAtMost)} %`
    : `drops by up to ${points(dropAtMost)}`;
}

function points(drop: number): string {
  return `${rounded(drop)} ${rounded(drop) === 1 ? 'point' : 'points'}`;
}

function rounded(drop: number): number {
  return Number(drop.toFixed(2));
}
