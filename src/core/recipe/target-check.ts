import { dropInPoints } from '../evaluation/drop';
import type { Measurement } from '../evaluation/measurement.schema';
import { bytesText, judgedName, judgedText } from '../evaluation/report/figures';
import type { Report } from '../evaluation/report.schema';
import type { Recipe } from './recipe.schema';

/** Differences below this (in points) come from binary fractions, not from answers. */
const ROUNDING = 1e-9;

type Target = NonNullable<Report['target']>;

/**
 * Whether a recipe's targets were met, all of them; null when it has none. Without labels the drop is that of fidelity.
 * A drop that was not measured meets no target: what was asked for is not known to be so. Where only the size is limited,
 * a file that lost most of what the original is worth meets it no more than one that is too large.
 * @param micro flash and tensor arena, where the target is a microcontroller
 */
export function checkTarget(
  recipe: Recipe,
  before: Measurement,
  after: Measurement,
  micro: Target['micro'] | null = null,
): Report['target'] {
  const { target } = recipe;
  if (target === undefined || Object.keys(target).length === 0) return null;
  const isUseless = target.maxDrop === undefined && target.maxSize !== undefined && lostMost(before, after);
  const met = dropIsMet(target.maxDrop, before, after) && sizeIsMet(target.maxSize, after) && !isUseless;
  return { ...target, ...(micro === null ? {} : { micro }), met };
}

/**
 * Which target was missed, and how close the result came, in a sentence without its full stop; null when all were met.
 */
export function missedTarget({ target, before, after }: Pick<Report, 'target' | 'before' | 'after'>): string | null {
  if (target === null || target.met) return null;
  const { maxDrop, maxSize } = target;
  const missed = [
    ...(sizeIsMet(maxSize, after) || maxSize === undefined ? [] : [sizeSentence(maxSize, after)]),
    ...(dropIsMet(maxDrop, before, after) || maxDrop === undefined ? [] : [dropSentence(maxDrop, before, after)]),
    ...(maxDrop === undefined && lostMost(before, after) ? [lossSentence(before, after)] : []),
  ];
  const [first = '', second] = missed;
  return second === undefined ? first : `${first}, and ${second.charAt(0).toLowerCase()}${second.slice(1)}`;
}

function dropIsMet(maxDrop: number | undefined, before: Measurement, after: Measurement): boolean {
  if (maxDrop === undefined) return true;
  const drop = dropInPoints(before, after);
  return drop !== null && drop <= maxDrop + ROUNDING;
}

/** Less than this share of what the original is worth beyond chance is no use, however small the file. */
const LEAST_WORTH = 0.5;

/** False where nothing was measured, and for errors, of which no share is left. */
function lostMost(before: Measurement, after: Measurement): boolean {
  if (after.value === null || after.headline?.better === 'lower') return false;
  const own = after.metric === 'fidelity' || after.metric === 'similarity' ? 1 : before.value;
  if (own === null) return false;
  const classes = before.classes?.perClass.length;
  const chance = after.metric === 'accuracy' && classes !== undefined ? 1 / classes : 0;
  return after.value - chance < LEAST_WORTH * (own - chance);
}

function lossSentence(before: Measurement, after: Measurement): string {
  const found = `${judgedName(after)} is ${judgedText(after, after.value ?? 0)}`;
  const was =
    before.metric === after.metric && before.value !== null ? `, from ${judgedText(before, before.value)}` : '';
  return `The file is of no use: ${found}${was}`;
}

function sizeIsMet(maxSize: number | undefined, after: Measurement): boolean {
  return maxSize === undefined || after.bytes <= maxSize;
}

function sizeSentence(maxSize: number, { bytes }: Measurement): string {
  return `The file has ${bytesText(bytes)}, ${bytesText(bytes - maxSize)} more than ${bytesText(maxSize)}`;
}

/** What was not measured was not lost: it is only not known to be within the limit. */
function dropSentence(maxDrop: number, before: Measurement, after: Measurement): string {
  const drop = dropInPoints(before, after);
  const limit = `${maxDrop} ${maxDrop === 1 ? 'point' : 'points'}`;
  if (drop === null) return `Accuracy was not measured, and a limit of ${limit} is not known to be met`;
  const found = Number(drop.toPrecision(3));
  const name = (after.metric ?? 'accuracy').replaceAll('-', ' ');
  if (after.headline?.better === 'lower') return `The ${name} grew by more than ${maxDrop} % (${found} %)`;
  const what = after.metric === 'fidelity' ? 'agreement with the original' : name;
  return `More than ${limit} of ${what} were lost (${found})`;
}
