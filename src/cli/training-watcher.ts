import { numberText, percentText } from '../core/evaluation/report/figures';
import type { JobContext } from '../core/progress';
import type { TrainingControl, TrainingEvent } from '../core/training/trainer/plan';
import type { CliContext, CliProgress } from './command';

type StepEvent = Extract<TrainingEvent, { kind: 'step' }>;
type EvaluationEvent = Extract<TrainingEvent, { kind: 'evaluation' }>;

const STAGE = 'Training';
/** In between, the weights of the moment are judged. */
const TRAINING_STAGES: readonly string[] = [STAGE, 'Evaluating'];

/** Follows training for a terminal: loss, figure, rate and speed beside the progress, and what Ctrl+C does meanwhile. */
export class TrainingWatcher {
  /** The context to work with: progress of training says more. */
  readonly job: JobContext;
  readonly control: TrainingControl;
  private stopped = false;
  private training = false;
  private latest: StepEvent | null = null;
  private figure: { now: EvaluationEvent; best: EvaluationEvent } | null = null;
  private savedStep: number | null = null;

  constructor(private readonly context: CliContext) {
    const isStopped = (): boolean => this.stopped;
    this.control = {
      ready: () => Promise.resolve(),
      get stopped() {
        return isStopped();
      },
    };
    const { signal } = context.job;
    this.job = { signal, progress: (step) => context.job.progress(this.noted(step)) };
  }

  readonly onEvent = (event: TrainingEvent): void => {
    switch (event.kind) {
      case 'step':
        if (this.latest === null) this.began();
        this.latest = event;
        this.training = true;
        break;
      case 'evaluation':
        this.figure = { now: event, best: event.best ? event : (this.figure?.best ?? event) };
        break;
      case 'saved':
        this.savedStep = event.step;
        break;
      case 'resumed':
        this.savedStep = event.step;
        this.context.say(`A training of the same was stopped before: it goes on from step ${event.step}.`);
    }
  };

  private began(): void {
    this.context.onInterrupt({
      first: () => {
        if (!this.training) return null;
        this.stopped = true;
        return 'Stopping: the best weights so far are kept. Ctrl+C again cancels and writes nothing.';
      },
      cancelled: () =>
        this.savedStep === null
          ? 'Nothing was saved yet: the same command begins anew.'
          : `The same command goes on from step ${this.savedStep}.`,
    });
  }

  private noted(step: CliProgress): CliProgress {
    const { latest } = this;
    if (!TRAINING_STAGES.includes(step.stage)) this.training = false;
    if (step.stage !== STAGE || latest === null) return step;
    const { loss, rate, samplesPerSecond } = latest;
    const parts = [
      `loss ${numberText(loss)}`,
      this.figureText(),
      `rate ${rate.toExponential(1)}`,
      `${Math.round(samplesPerSecond).toLocaleString('en-US')} samples/s`,
    ];
    return { ...step, note: parts.filter((part) => part !== '').join(', ') };
  }

  private figureText(): string {
    if (this.figure === null) return '';
    const { now, best } = this.figure;
    const name = now.figure?.name ?? 'figure';
    const text = (event: EvaluationEvent): string => valueText(event);
    return now === best ? `${name} ${text(now)}` : `${name} ${text(now)} (best ${text(best)})`;
  }
}

/** Shares in percent; what is better when lower is told to the trainer as its negative. */
function valueText({ value, figure }: EvaluationEvent): string {
  if (figure?.lowerIsBetter === true) return numberText(-value);
  return value >= 0 && value <= 1 ? percentText(value) : numberText(value);
}
