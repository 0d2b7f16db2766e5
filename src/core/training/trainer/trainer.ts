import { EdgewiseError, messageOf } from '../../errors';
import { breathe, throwIfCancelled, type JobContext } from '../../progress';
import type { ProviderChoice } from '../../runtime/execution-provider';
import type { BatchSource } from '../batches/batch-source';
import type { FormRecord } from '../forms';
import type { TrainingGraph } from '../training-graph';
import type { NamedValues, TrainingMoment } from '../transform';
import type { Checkpoint, CheckpointStore } from './checkpoint';
import { GrowingCurves } from './curves';
import { overflowReason, updateOverflow } from './overflow';
import {
  UNCONTROLLED,
  type TrainingControl,
  type TrainingEvent,
  type TrainingOutcome,
  type TrainingPlan,
} from './plan';
import { Stopwatch } from './stopwatch';
import { StagedSteps, type LaterGraph } from './staged-steps';

export interface TrainerParts {
  readonly graph: TrainingGraph;
  /** What takes its place, in the order of their steps. */
  readonly later?: readonly LaterGraph[];
  readonly batches: BatchSource;
  /** In which the graph was written. Default: the first ones. */
  readonly forms?: FormRecord;
  /** The figure by which the best weights are kept, larger is better: on samples for choosing, never on the test set. Null: nothing is judged. */
  readonly evaluate?: (values: ReadonlyMap<string, Float32Array>, moment: TrainingMoment) => Promise<number | null>;
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
  /** Gets sentences for the report. */
  readonly warn?: (sentence: string) => void;
}

/**
 * Runs a training graph over the epochs of a plan. A checkpoint that is there is gone on from, to the same numbers.
 * @throws EdgewiseError `cancelled`; `runtime` when the loss is no number any more before any weights were judged, naming
 *   the layer that overflowed first; what batches and evaluations throw
 */
export async function runTraining(plan: TrainingPlan, parts: TrainerParts): Promise<TrainingOutcome> {
  const threads = plan.threads === undefined ? {} : { threads: plan.threads };
  // Codes in the graph are there to be rounded: nothing is to be fused with them.
  const configuration = { 'session.disable_quant_qdq': '1' };
  const options = { name: 'the training graph', configuration, ...threads, ...parts.runtime };
  const steps = new StagedSteps(parts.graph, parts.later ?? [], options, parts.context);
  try {
    return await new Training(plan, parts, steps).run();
  } finally {
    await steps.close();
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
  private readonly watch = new Stopwatch();
  private readonly total: number;
  private readonly control: TrainingControl;
  private curves = new GrowingCurves();
  private best: Best | null = null;
  private waited = 0;
  private step = 0;
  private savedAt = performance.now();
  private failedToSave = false;

  constructor(
    private readonly plan: TrainingPlan,
    private readonly parts: TrainerParts,
    private readonly steps: StagedSteps,
  ) {
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
      const overflow = await this.oneStep();
      if (overflow !== null) {
        ended = this.endedBy(overflow);
        break;
      }
      if (await this.afterStep()) {
        ended = 'early';
        break;
      }
    }
    return this.outcome(ended);
  }

  /** @returns what overflowed; null when all is well */
  private async oneStep(): Promise<string | null> {
    const { plan, parts, steps, step } = this;
    await steps.prepare(step);
    const { graph, state } = steps;
    const update = Math.floor(step / plan.accumulate);
    const rate = plan.rate * plan.schedule.factor(update, Math.floor(this.total / plan.accumulate));
    const batch = await parts.batches.feeds(step);
    const changed = parts.adjust?.(this.moment, state.values());
    if (changed) state.change(changed);
    this.watch.start();
    const apply = (step + 1) % plan.accumulate === 0;
    const feeds = { ...batch, ...state.feeds(step, { rate, update: update + 1, apply, seed: plan.seed }) };
    const answers = await steps.run(feeds);
    const loss = Number(answers[graph.loss]?.data[0] ?? NaN);
    if (!Number.isFinite(loss)) return overflowReason(graph, feeds, step, plan.threads);
    state.advance(answers);
    this.watch.stop(parts.batches.size);
    this.step += 1;
    this.curves.stepped(this.step, loss, rate);
    this.report(loss, rate);
    await breathe();
    return this.isDue ? updateOverflow(graph, state.save(), this.step) : null;
  }

  /** Whether weights are judged after this step. */
  private get isDue(): boolean {
    const { plan, parts, step, total } = this;
    return step % (plan.evaluateEvery ?? parts.batches.stepsPerEpoch) === 0 || step === total;
  }

  /** The last good weights are kept where some were judged. */
  private endedBy(overflow: string): 'overflowed' {
    const { best, parts } = this;
    const advice = 'Use a lower --lr, or --clip.';
    if (best === null || !this.wasReached(best.step))
      throw new EdgewiseError(
        'runtime',
        `${overflow} No weights were judged before, so nothing was written. ${advice}`,
      );
    parts.warn?.(
      `${overflow} Training ended there, with the best weights before, those of step ${best.step}. ${advice}`,
    );
    return 'overflowed';
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
    const { plan, parts, step, isDue } = this;
    const isLate = isDue && parts.evaluate !== undefined && (await this.evaluate(parts.evaluate));
    const isAskedFor = plan.checkpointEvery !== undefined && step % plan.checkpointEvery === 0;
    if (isDue || isAskedFor || performance.now() - this.savedAt > BETWEEN_CHECKPOINTS_MS) await this.save();
    return isLate;
  }

  private async evaluate(evaluate: NonNullable<TrainerParts['evaluate']>): Promise<boolean> {
    const { plan, parts, step, steps } = this;
    const values = steps.state.values();
    const value = await evaluate(values, this.moment);
    if (value === null) return false;
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
    if (!this.steps.restore(saved.step, saved.vectors)) {
      this.parts.warn?.('A checkpoint of another form of this training was passed over: it begins anew.');
      return;
    }
    this.step = saved.step;
    this.waited = saved.waited;
    this.curves = new GrowingCurves(saved.curves);
    this.plan.schedule.restore?.(saved.schedule);
    this.best = saved.best;
    this.watch.resume(saved.trainingMs, saved.samples);
    this.parts.onEvent?.({ kind: 'resumed', step: saved.step });
  }

  private async save(): Promise<void> {
    const { step, waited, best, plan, watch } = this;
    const { graph, state } = this.steps;
    const checkpoint: Checkpoint = {
      ...{ step, waited, best, vectors: state.save(), schedule: plan.schedule.save?.() ?? [] },
      forms: this.parts.forms ?? [],
      ...{ curves: this.curves.save(), trainingMs: watch.totalMs, samples: watch.totalSamples },
    };
    const { checkpoints, onEvent } = this.parts;
    // What overflowed is nothing to go on from.
    if (!checkpoints || updateOverflow(graph, state.save(), step) !== null) return;
    this.savedAt = performance.now();
    try {
      await checkpoints.write(checkpoint);
    } catch (error) {
      this.unsaved(error);
      return;
    }
    onEvent?.({ kind: 'saved', step });
  }

  /** A disk that is full ends the keeping and not the training. */
  private unsaved(error: unknown): void {
    if (!this.failedToSave)
      this.parts.warn?.(`Training went on without a checkpoint, which could not be written: ${messageOf(error)}`);
    this.failedToSave = true;
  }

  private outcome(ended: TrainingOutcome['ended']): TrainingOutcome {
    const { best, step, watch, parts } = this;
    return {
      ...{ values: best?.values ?? copied(this.steps.state.values()), curves: this.curves.curves, ended },
      ...{ steps: step, epochs: step / parts.batches.stepsPerEpoch },
      ...{ bestStep: best?.step ?? step, bestValue: best?.value ?? null },
      ...{ trainingMs: watch.totalMs, samplesPerSecond: watch.overall },
      forms: parts.forms ?? [],
    };
  }
}

const copied = (values: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> =>
  new Map([...values].map(([name, value]) => [name, Float32Array.from(value)]));
