import { setTimeout as pause } from 'node:timers/promises';
import { throwIfCancelled, type JobContext } from '../progress';
import type { Session } from '../runtime/session';
import type { Tensor } from '../runtime/tensor';
import type { Measurement } from './measurement.schema';

export type Latency = NonNullable<Measurement['latencyMs']>;

/** A model and what it is run on, again and again. */
export interface LatencySubject {
  readonly session: Session;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Samples in `feeds`. */
  readonly batch: number;
}

export interface LatencyOptions {
  readonly context: JobContext;
  /** Time to spend on each model; default 1.5 s. */
  readonly budgetMs?: number;
}

const DEFAULT_BUDGET_MS = 1500;
/** Runs of one model before the other's turn: short, so that a busy moment hits both. */
const BLOCK_MS = 75;
/** ONNX Runtime's threads keep spinning for about 35 ms after a run: the next model waits for them to stop. */
const SETTLE_MS = 60;
/** Untimed runs at the beginning of each turn: caches and threads wake up. */
const WARM_UP_RUNS = 3;
const WARM_UP_MS = 5;
/** Below this the median says little: slow models exceed the budget for it. */
const FEWEST_RUNS = 5;
/** Enough for a median and a 95th percentile; more only takes memory. */
const MOST_RUNS = 5000;

/** Latency of one model. @throws EdgewiseError `cancelled`, `runtime` */
export async function measureLatency(subject: LatencySubject, options: LatencyOptions): Promise<Latency> {
  const [latency] = await alternate([subject], options);
  return latency ?? summarizeRuns([], subject);
}

/**
 * Latency of two models on the same machine at the same time: they take turns, so that what else the machine does
 * slows both. @throws EdgewiseError `cancelled`, `runtime`
 */
export async function compareLatency(
  before: LatencySubject,
  after: LatencySubject,
  options: LatencyOptions,
): Promise<{ before: Latency; after: Latency }> {
  const [first, second] = await alternate([before, after], options);
  return { before: first ?? summarizeRuns([], before), after: second ?? summarizeRuns([], after) };
}

async function alternate(subjects: readonly LatencySubject[], options: LatencyOptions): Promise<Latency[]> {
  const { context, budgetMs = DEFAULT_BUDGET_MS } = options;
  const records = subjects.map((subject) => ({ subject, runs: [] as number[], spent: 0 }));
  const unfinished = (): boolean =>
    records.some(({ runs, spent }) => runs.length < FEWEST_RUNS || (spent < budgetMs && runs.length < MOST_RUNS));
  while (unfinished()) {
    for (const record of records) {
      await pause(SETTLE_MS);
      const runs = await block(record.subject, context.signal);
      record.runs.push(...runs);
      record.spent += runs.reduce((sum, run) => sum + run, 0) + SETTLE_MS;
    }
    const done = Math.round(Math.min(budgetMs, ...records.map(({ spent }) => spent)));
    context.progress({ stage: 'Measuring latency', done, total: budgetMs, unit: 'steps' });
  }
  return records.map(({ subject, runs }) => summarizeRuns(runs, subject));
}

/** One turn: warm-up, then timed runs for `BLOCK_MS`, at least one. */
async function block({ session, feeds }: LatencySubject, signal: AbortSignal): Promise<number[]> {
  const begin = performance.now();
  for (let run = 0; run < WARM_UP_RUNS || performance.now() - begin < WARM_UP_MS; run++) {
    throwIfCancelled(signal);
    await session.run(feeds);
    // A slow model is warm after one run.
    if (performance.now() - begin > BLOCK_MS) break;
  }
  const runs: number[] = [];
  const timed = performance.now();
  do {
    throwIfCancelled(signal);
    const start = performance.now();
    await session.run(feeds);
    runs.push(performance.now() - start);
  } while (performance.now() - timed < BLOCK_MS);
  return runs;
}

function summarizeRuns(runs: readonly number[], { session, batch }: LatencySubject): Latency {
  const sorted = Float64Array.from(runs).sort();
  return {
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    threads: session.threads,
    runs: runs.length,
    batch,
  };
}

/** Linear interpolation between order statistics (Hyndman and Fan's type 7); 0 for no values. */
export function quantile(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? below;
  return below + (above - below) * (position - Math.floor(position));
}
