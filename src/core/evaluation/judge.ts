import type { JobContext } from '../progress';
import type { Session } from '../runtime/session';
import { scoresOutput } from './class-scores';
import { classResults } from './class-results';
import { isFloatTensor } from './data/conversion';
import type { DataSet } from './data/data-set';
import { checkLabels } from './data/labels';
import type { Estimate } from './estimates';
import { OutputKeeper, type KeptOutputs } from './kept-outputs';
import type { Measurement, MetricFigure } from './measurement.schema';
import { METRICS, type Metric, type MetricRun, type MetricSubject } from './metrics';
import { runSamples } from './run-samples';

export interface JudgeRequest {
  readonly set: DataSet;
  readonly reference: Int32Array | null;
  readonly referenceOutputs: KeptOutputs | null;
  /** Modules of the user's own: they come before the table's, since they were asked for. */
  readonly extra: readonly Metric[];
  readonly stage: string;
  readonly context: JobContext;
}

/** What a measurement says about a model's outputs. */
export type Judged = Pick<
  Measurement,
  'metric' | 'reason' | 'headline' | 'value' | 'interval' | 'samples' | 'metrics' | 'classes'
>;

export interface Judgement {
  readonly judged: Judged;
  /** The class of each sample, and how many classes there are; null for models without class scores. */
  readonly answers: Int32Array | null;
  readonly classes: number | null;
  /** The headline of each sample, for paired tests; null where it is no mean. */
  readonly scores: Float64Array | null;
  readonly outputs: KeptOutputs | null;
}

interface OpenMetric {
  readonly metric: Metric;
  readonly run: MetricRun;
}

/**
 * Runs a model on a set and judges what comes out by every metric that applies.
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function judge(session: Session, request: JudgeRequest): Promise<Judgement> {
  const { set, stage, context } = request;
  const found = scoresOutput(session);
  // Targets without labels say that two values a sample are two values, not two classes.
  const isClassifier = 'name' in found && (set.targets === undefined || set.labels !== null);
  const scores = isClassifier ? found.name : null;
  const subject: MetricSubject = { inputs: session.inputs, outputs: session.outputs, scores, ...request };
  const open = openMetrics(subject, request.extra);
  const fetch = wantedOutputs(session, subject, request.extra.length > 0);
  if (fetch.length === 0) return nothing(set, 'Nothing is measured: the model gives no tensor of numbers.');
  const keeper = new OutputKeeper(set.length);
  const classes = { answers: scores === null ? null : new Int32Array(set.length), count: null as number | null };
  await runSamples({ session, set, fetch, scores, stage, context }, async (batch) => {
    keeper.add(batch.outputs, batch.positions.length);
    if (scores !== null) classes.count = batch.outputs[scores]?.size ?? null;
    if (batch.answers) classes.answers?.set(batch.answers, batch.positions[0]);
    for (const { run } of open) await run.add(batch);
  });
  if (set.labels !== null && classes.count !== null) {
    checkLabels(set.labels, classes.count, `"${set.source}"`, set.source);
  }
  const table =
    set.labels === null || classes.answers === null || classes.count === null
      ? null
      : classResults(classes.answers, set.labels, classes.count, set.classNames);
  return {
    judged: { ...conclude(open, request, 'reason' in found ? found.reason : null), ...(table && { classes: table }) },
    answers: classes.answers,
    classes: classes.count,
    scores: headlineOf(open)?.run.scores ?? null,
    outputs: keeper.kept(),
  };
}

function nothing(set: DataSet, reason: string): Judgement {
  const judged = { metric: null, value: null, interval: null, samples: set.length, reason };
  return { judged, answers: null, classes: null, scores: null, outputs: null };
}

function openMetrics(subject: MetricSubject, extra: readonly Metric[]): OpenMetric[] {
  return [...extra, ...METRICS].flatMap((metric) => {
    const run = metric.open(subject);
    return run === null ? [] : [{ metric, run }];
  });
}

/** Class scores and what has targets; of other models every output of floats, since all of them are compared. */
function wantedOutputs(session: Session, { scores, set }: MetricSubject, every: boolean): string[] {
  const numbers = session.outputs.filter(({ dtype }) => dtype !== null);
  const floats = numbers.filter(({ dtype }) => dtype !== null && isFloatTensor(dtype));
  const targeted = set.targets?.names ?? [];
  const wanted =
    every || (scores === null && floats.length === 0)
      ? numbers
      : floats.filter(({ name }) => scores === null || name === scores || targeted.includes(name));
  return wanted.map(({ name }) => name);
}

function headlineOf(open: readonly OpenMetric[]): OpenMetric | undefined {
  return open.find(({ metric, run }) => metric.headline !== null && isFigure(run.estimate()));
}

function isFigure(estimate: Estimate): estimate is Estimate & { value: number } {
  return estimate.value !== null && Number.isFinite(estimate.value);
}

/** The headline, the other figures, or why there is none. */
function conclude(open: readonly OpenMetric[], request: JudgeRequest, noScores: string | null): Judged {
  const headline = headlineOf(open);
  const others = open.filter((one) => one !== headline).flatMap(figureOf);
  const metrics = others.length === 0 ? {} : { metrics: others };
  if (headline === undefined) {
    const reason = whyNot(open, request, noScores);
    return { metric: null, value: null, interval: null, samples: request.set.length, reason, ...metrics };
  }
  const { metric, run } = headline;
  const { value, interval } = run.estimate();
  const { name, unit, better } = metric;
  const isAgreement = metric.headline === 'accuracy' || metric.headline === 'fidelity';
  return {
    metric: metric.headline,
    ...(isAgreement ? {} : { headline: { name, unit, better } }),
    value,
    interval,
    samples: run.samples,
    ...metrics,
  };
}

function figureOf({ metric: { name, unit, better }, run }: OpenMetric): MetricFigure[] {
  const estimate = run.estimate();
  if (!isFigure(estimate)) return [];
  return [{ name, unit, better, value: estimate.value, interval: estimate.interval }];
}

function whyNot(open: readonly OpenMetric[], { set }: JudgeRequest, noScores: string | null): string {
  if (open.some(({ metric }) => metric.headline !== null)) {
    return `The model's outputs, or what "${set.source}" holds them against, are not finite numbers.`;
  }
  if (noScores !== null) return set.labels === null ? `${noScores} ${REFERENCE}` : noScores;
  return `The test data has no labels: ${REFERENCE_FOR_FIDELITY}`;
}

const REFERENCE_FOR_FIDELITY = 'this model is the reference for fidelity.';
const REFERENCE = 'Its outputs are what a compressed model is compared with.';
