import path from 'node:path';
import type { DataSet } from '../evaluation/data';
import { preprocessingHint } from '../evaluation/data/preprocessing/hint';
import { compareModels, measure, type Measured, type MeasuredFacts } from '../evaluation/measure';
import type { Latency } from '../evaluation/latency';
import type { Measurement } from '../evaluation/measurement.schema';
import { comparePaired, comparePairedScores } from '../evaluation/paired';
import { changedSamples } from '../evaluation/report/changed-samples';
import type { Report } from '../evaluation/report.schema';
import type { JobContext } from '../progress';
import { isNearChance, nearChance } from './near-chance';
import type { DataSection } from './recipe.schema';

const RANDOM = 'random';
const SPEED_ONLY = 'Accuracy is not measured: the data are random values, which prove speed only.';
const NO_DATA = 'Accuracy is not measured: no data was given.';

/** Two models measured on the same samples. */
export interface Comparison {
  before: Measurement;
  after: Measurement;
  paired: Report['paired'];
  changed: Report['changed'];
}

/** Random values prove speed only: nothing is judged on them. */
export function judgedOn(test: DataSet | null): DataSet | null {
  return test?.source === RANDOM ? null : test;
}

/**
 * @param mayGuess true where it is trained: networks begin with guessing
 * @throws EdgewiseError `bad-data` for a model that only guesses on its data
 */
export async function measureOriginal(
  file: string,
  facts: MeasuredFacts,
  test: DataSet | null,
  context: JobContext,
  data: { readonly section: DataSection; readonly base: string } | null,
  mayGuess = false,
): Promise<Measured> {
  const original = await measure(file, { facts, test: judgedOn(test), context, latency: false });
  const { measurement, classes } = original;
  if (mayGuess || classes === null || !isNearChance(measurement, classes)) return original;
  const found = { accuracy: measurement.value ?? 0, classes };
  const hint = data && (await preprocessingHint(file, data.section, data.base, found, context));
  throw nearChance(measurement, classes, path.basename(file), hint);
}

/** The result on the same samples, and the speed of both in turns. */
export async function compareWithOriginal(
  originalFile: string,
  original: Measured,
  result: { file: string; facts: MeasuredFacts },
  test: DataSet | null,
  context: JobContext,
): Promise<Comparison> {
  const judged = judgedOn(test);
  const reference = original.answers;
  const measured = await measure(result.file, {
    facts: result.facts,
    test: judged,
    reference,
    referenceOutputs: original.outputs,
    context,
    latency: false,
  });
  const latency = await compareModels(originalFile, result.file, { test, context });
  const both =
    judged && original.answers && measured.answers ? { test: judged, a: original.answers, b: measured.answers } : null;
  return {
    before: withLatency(withReason(original.measurement, test), latency?.before),
    after: withLatency(withReason(measured.measurement, test), latency?.after),
    paired: both ? comparePaired(both.a, both.b, both.test.labels) : pairedByScores(original, measured),
    changed: both ? await changedSamples(both.test, both.a, both.b, context.signal) : { total: 0, shown: [] },
  };
}

/** Models that give no classes, by the figure of each sample; null where they were not judged by the same one. */
function pairedByScores(before: Measured, after: Measured): Report['paired'] {
  const sameMetric = before.measurement.metric !== null && before.measurement.metric === after.measurement.metric;
  if (!sameMetric || before.scores === null || after.scores?.length !== before.scores.length) return null;
  return comparePairedScores(before.scores, after.scores);
}

/** A measured latency needs no reason why it would be missing. */
function withLatency({ latencyReason, ...rest }: Measurement, latency: Latency | undefined): Measurement {
  if (latency !== undefined) return { ...rest, latencyMs: latency };
  return { ...rest, latencyMs: null, ...(latencyReason === undefined ? {} : { latencyReason }) };
}

/** Why nothing was judged, where the reason is the data that were given or not. */
export function withReason(measurement: Measurement, test: DataSet | null): Measurement {
  if (measurement.metric !== null || judgedOn(test) !== null) return measurement;
  return { ...measurement, reason: test === null ? NO_DATA : SPEED_ONLY };
}
