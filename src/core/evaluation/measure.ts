import path from 'node:path';
import type { ModelSummary } from '../analysis/summary.schema';
import { throwIfCancelled, type JobContext } from '../progress';
import { openSession, type Session, type SessionOptions } from '../runtime/session';
import type { DataSet } from './data/data-set';
import { footprint } from './footprint';
import { gzipBytes } from './gzip-size';
import { judge, type Judgement } from './judge';
import type { KeptOutputs } from './kept-outputs';
import { compareLatency, measureLatency, type Latency, type LatencySubject } from './latency';
import { latencyFeeds } from './latency-feeds';
import type { Measurement } from './measurement.schema';
import type { Metric } from './metrics';

/** What a measurement takes from the model's summary. */
export type MeasuredFacts = Pick<ModelSummary, 'bytes' | 'parameters' | 'macs' | 'files'>;

export interface MeasureRequest {
  readonly facts: MeasuredFacts;
  /** Null: size and speed only. */
  readonly test: DataSet | null;
  /** The original's answers on `test`: without labels, agreement with them is measured. */
  readonly reference?: Int32Array | null;
  /** The original's outputs on `test`: for models without classes similarity to them takes fidelity's place. */
  readonly referenceOutputs?: KeptOutputs | null;
  /** Metrics of the user's own. */
  readonly extra?: readonly Metric[];
  readonly context: JobContext;
  /** Default: physical cores. */
  readonly threads?: number;
  /** False where only answers count, as in a search: entropy and memory are not measured. Default true. */
  readonly footprint?: boolean;
  /** False where `compareModels` measures it afterwards, both models in turns. Default true. */
  readonly latency?: boolean;
}

export interface Measured {
  readonly measurement: Measurement;
  /** The class of each sample of `test`; null without data, and for models that are not classifiers. */
  readonly answers: Int32Array | null;
  /** How many classes the model tells apart. */
  readonly classes: number | null;
  /** The headline metric of each sample, for paired tests; null where it is no mean over samples. */
  readonly scores: Float64Array | null;
  /** What another model's outputs are compared with: as many samples as fit into 64 MB. */
  readonly outputs: KeptOutputs | null;
}

/** Loading is measured this often, if it is fast: the first time warms caches. */
const LOADS = 3;
const FAST_LOAD_MS = 300;

/**
 * One model on one set: accuracy (or fidelity), latency, load time and sizes. Every figure is from this run.
 * @throws EdgewiseError `runtime`, `bad-data`, `cancelled`
 */
export async function measure(modelPath: string, request: MeasureRequest): Promise<Measured> {
  const { facts, context } = request;
  const { session, loadMs } = await load(modelPath, request);
  try {
    const { judged, ...judgement } = await judgeOutputs(session, modelPath, request);
    const latencyMs = request.latency === false ? null : await latencyOf(session, request);
    const taken = request.footprint === false ? {} : await footprint(modelPath, session, request);
    const paths = facts.files.map(({ name }) => path.join(path.dirname(modelPath), name));
    const measurement: Measurement = {
      ...judged,
      latencyMs,
      loadMs,
      bytes: facts.bytes,
      gzipBytes: await gzipBytes(paths, facts.bytes, context.signal),
      parameters: facts.parameters,
      macs: facts.macs,
      ...taken,
    };
    return { measurement, ...judgement };
  } finally {
    await session.close();
  }
}

/** A session, and the median of a few loads. */
async function load(modelPath: string, request: MeasureRequest): Promise<{ session: Session; loadMs: number }> {
  const options: SessionOptions = request.threads === undefined ? {} : { threads: request.threads };
  let session = await openSession(modelPath, options);
  const times = [session.loadMs];
  while (times.length < LOADS && session.loadMs < FAST_LOAD_MS) {
    throwIfCancelled(request.context.signal);
    await session.close();
    session = await openSession(modelPath, options);
    times.push(session.loadMs);
  }
  times.sort((a, b) => a - b);
  return { session, loadMs: times[Math.floor(times.length / 2)] ?? session.loadMs };
}

/** What the outputs are worth on the test set. */
async function judgeOutputs(session: Session, modelPath: string, request: MeasureRequest): Promise<Judgement> {
  const { test, reference = null, referenceOutputs = null, extra = [], context } = request;
  if (test === null) {
    const reason = 'Accuracy is not measured: no test data was given.';
    const judged = { metric: null, value: null, interval: null, samples: 0, reason };
    return { judged, answers: null, classes: null, scores: null, outputs: null };
  }
  const stage = `Measuring ${path.basename(modelPath)}`;
  return judge(session, { set: test, reference, referenceOutputs, extra, stage, context });
}

async function latencyOf(session: Session, { test, context }: MeasureRequest): Promise<Latency | null> {
  const subject = await subjectOf(session, test);
  return subject === null ? null : measureLatency(subject, { context });
}

async function subjectOf(session: Session, test: DataSet | null): Promise<LatencySubject | null> {
  const run = await latencyFeeds(session, test);
  return run === null ? null : { session, ...run };
}

/**
 * Latency of two files of one model, in turns; null where the shapes of their inputs are not known without data.
 * @throws EdgewiseError `runtime`, `cancelled`
 */
export async function compareModels(
  beforePath: string,
  afterPath: string,
  request: Pick<MeasureRequest, 'test' | 'context' | 'threads'>,
): Promise<{ before: Latency; after: Latency } | null> {
  const options: SessionOptions = request.threads === undefined ? {} : { threads: request.threads };
  const before = await openSession(beforePath, options);
  try {
    const after = await openSession(afterPath, options);
    try {
      const subjects = [await subjectOf(before, request.test), await subjectOf(after, request.test)] as const;
      const [first, second] = subjects;
      return first === null || second === null ? null : await compareLatency(first, second, request);
    } finally {
      await after.close();
    }
  } finally {
    await before.close();
  }
}
