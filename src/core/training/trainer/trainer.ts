import { encodeOnnx } from '../../formats/onnx/encode';
import { breathe, throwIfCancelled, type JobContext } from '../../progress';
import type { ProviderChoice } from '../../runtime/execution-provider';
import { openSession, type Session } from '../../runtime/session';
import type { BatchSource } from '../batches/batch-source';
import type { FormRecord } from '../forms';
import type { TrainingGraph } from '../training-graph';
import type { NamedValues, TrainingMoment } from '../transform';
import type { Checkpoint, CheckpointStore } from './checkpoint';
import { GrowingCurves } from './curves';
import { overflowError } from './overflow';
import {
  UNCONTROLLED,
  type TrainingControl,
  type TrainingEvent,
  type TrainingOutcome,
  type TrainingPlan,
} from './plan';
import { Stopwatch } from './stopwatch';
import { TrainingState } from './state';

export interface TrainerParts {
  readonly graph: TrainingGraph;
  readonly batches: BatchSource;
  /** In which the graph was written. Default: the first ones. */
  readonly forms?: FormRecord;
  /** The figure by which the best weights are kept, larger is better: on samples for choosing, never on the test set. */
  readonly evaluate?: (values: ReadonlyMap<string, Float32Array>) => Promise<number>;
  /** Variables that become something else before a step: see `TrainingTransform`. */
  readonly adjust?: (moment: TrainingMoment, values: NamedValues) => NamedValues | null;
  /** Whether what is evaluated has the form that is wanted: until then nothing is best. */
  readonly isReached?: (moment: TrainingMoment) => boolean;
  readonly checkpoints?: CheckpointStore;
  readonly control?: TrainingControl;
  /** Where steps are computed; evaluations are the processor's. */
  readonly runtime?: ProviderChoice;
  readonly context: JobContext;
  readonly onEvent?: (event: TrainingEvent) => void;
}

/**
 * Runs a training graph over the epochs of a plan. A checkpoint that is there is gone on from, to the same numbers.
 * @throws EdgewiseError `cancelled`; `runtime` when the loss is no number any more, naming the layer that overflowed
 *   first; what batches and evaluations throw
 */
export async function runTraining(plan: TrainingPlan, parts: TrainerParts): Promise<TrainingOutcome> {
  const bytes = await encodeOnnx(parts.graph.model, parts.context);
  const threads = plan.threads === undefined ? {} : { threads: plan.threads };
  // Codes in the graph are there to be rounded: nothing is to be fused with them.
  const configuration = { 'session.disable_quant_qdq': '1' };
  const options = { name: 'the training graph', configuration, ...threads, ...parts.runtime };
  const session = await openSession(bytes, options);
  try {
    return await new Training(plan, parts, session).run();
  } finally {
    await session.close();
  }
}

/** A process that is killed loses no more than this of its work. */
const BETWEEN_CHECKPOINTS_MS = 30_000;

interface Best {
  readonly step: number;
  readonly value: number;
  readonly values: ReadonlyMap<string, Float32Array>;
}

class Training {
  private readonly state: TrainingState;
  private readonly watch = new Stopwatch();
  private readonly total: number;
  private readonly control: TrainingControl;
  private curves = new GrowingCurves();
  private best: Best | null = null;
  private waited = 0;
  private step = 0;
  private savedAt = performance.now();

  constructor(
    private readonly plan: TrainingPlan,
    private readonly parts: TrainerParts,
    private readonly session: Session,
  ) {
    this.state = new TrainingState(parts.graph);
    this.total = Math.max(1, Math.round(plan.epochs * parts.batches.stepsPerEpoch));
    this.control = parts.control ?? UNCONTROLLED;
  }

  async run(): Promise<TrainingOutcome> {
    await this.resume();
    let ended: TrainingOutcome['ended'] = this.isLate() ? 'early' : 'finished';
    while (ended !== 'early' && this.step < this.total) {
      await this.control.ready();
      throwIfCancelled(this.parts.context.signal);
      if (this.control.stopped) {
        ended = 'stopped';
        break;
      }
      await this.oneStep();
      if (await this.afterStep()) {
        ended = 'early';
        break;
      }
    }
    return this.outcome(ended);
  }

  private async oneStep(): Promise<void> {
    const { plan, parts, state, step } = this;
    const update = Math.floor(step / plan.accumulate);
    const rate = plan.rate * plan.schedule.factor(update, Math.floor(this.total / plan.accumulate));
    const batch = await parts.batches.feeds(step);
    const changed = parts.adjust?.(this.moment, state.values());
    if (changed) state.change(changed);
    this.watch.start();
    const apply = (step + 1) % plan.accumulate === 0;
    const feeds = { ...batch, ...state.feeds(step, { rate, update: update + 1, apply, seed: plan.seed }) };
    const answers = await this.session.run(feeds);
    const loss = Number(answers[parts.graph.loss]?.data[0] ?? NaN);
    if (!Number.isFinite(loss)) throw await overflowError(parts.graph, feeds, step, plan.threads);
    state.advance(answers);
    this.watch.stop(parts.batches.size);
    this.step += 1;
    this.curves.stepped(this.step, loss, rate);
    this.report(loss, rate);
    await breathe();
  }

  private get moment(): TrainingMoment {
    return { step: this.step, total: this.total, stepsPerEpoch: this.parts.batches.stepsPerEpoch };
  }

  private report(loss: number, rate: number): void {
    const { step, total, parts } = this;
    const epoch = step / parts.batches.stepsPerEpoch;
    parts.onEvent?.({ kind: 'step', step, epoch, loss, rate, samplesPerSecond: this.watch.perSecond });
    parts.context.progress({ stage: 'Training', done: step, total, unit: 'steps' });
  }

  /** Evaluates and saves when it is time. @returns whether nothing better came for too long */
  private async afterStep(): Promise<boolean> {
    const { plan, parts, step, total } = this;
    const every = plan.evaluateEvery ?? parts.batches.stepsPerEpoch;
    const isDue = step % every === 0 || step === total;
    const isLate = isDue && parts.evaluate !== undefined && (await this.evaluate(parts.evaluate));
    const isAskedFor = plan.checkpointEvery !== undefined && step % plan.checkpointEvery === 0;
    if (isDue || isAskedFor || performance.now() - this.savedAt > BETWEEN_CHECKPOINTS_MS) await this.save();
    return isLate;
  }

  private async evaluate(evaluate: NonNullable<TrainerParts['evaluate']>): Promise<boolean> {
    const { plan, parts, step, state } = this;
    const values = state.values();
    const value = await evaluate(values);
    const isReached = parts.isReached?.(this.moment) ?? true;
    if (isReached && !this.wasReached(this.best?.step)) [this.best, this.waited] = [null, 0];
    const isBest = this.best === null || value > this.best.value;
    this.curves.evaluated(step, value);
    plan.schedule.evaluated?.(value);
    parts.onEvent?.({ kind: 'evaluation', step, value, best: isBest });
    this.waited = isBest ? 0 : this.waited + 1;
    if (isBest) this.best = { step, value, values: copied(values) };
    return isReached && this.isLate();
  }

  /** Whether nothing better came for too long. */
  private isLate(): boolean {
    const { patience } = this.plan;
    return patience !== undefined && this.waited >= patience;
  }

  /** Weights that were best while the network had not its form yet are none to keep. */
  private wasReached(step: number | undefined): boolean {
    return step === undefined || (this.parts.isReached?.({ ...this.moment, step }) ?? true);
  }

  private async resume(): Promise<void> {
    const saved = await this.parts.checkpoints?.read();
    if (!saved) return;
    this.state.restore(saved.vectors);
    this.step = saved.step;
    this.waited = saved.waited;
    this.curves = new GrowingCurves(saved.curves);
    this.plan.schedule.restore?.(saved.schedule);
    this.best = saved.best;
    this.watch.resume(saved.trainingMs, saved.samples);
    this.parts.onEvent?.({ kind: 'resumed', step: saved.step });
  }

  private async save(): Promise<void> {
    const { step, waited, best, state, plan, watch } = this;
    const checkpoint: Checkpoint = {
      ...{ step, waited, best, vectors: state.save(), schedule: plan.schedule.save?.() ?? [] },
      forms: this.parts.forms ?? [],
      ...{ curves: this.curves.save(), trainingMs: watch.totalMs, samples: watch.totalSamples },
    };
    if (!this.parts.checkpoints) return;
    await this.parts.checkpoints.write(checkpoint);
    this.savedAt = performance.now();
    this.parts.onEvent?.({ kind: 'saved', step });
  }

  private outcome(ended: TrainingOutcome['ended']): TrainingOutcome {
    const { best, step, watch, parts, state } = this;
    return {
      ...{ values: best?.values ?? copied(state.values()), curves: this.curves.curves, ended },
      ...{ steps: step, epochs: step / parts.batches.stepsPerEpoch },
      ...{ bestStep: best?.step ?? step, bestValue: best?.value ?? null },
      ...{ trainingMs: watch.totalMs, samplesPerSecond: watch.overall },
      forms: parts.forms ?? [],
    };
  }
}

const copied = (values: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> =>
  new Map([...values].map(([name, value]) => [name, Float32Array.from(value)]));
