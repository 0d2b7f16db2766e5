import type { Progress } from '../core/progress';
import type { TrainingEvent } from '../core/training/trainer/plan';
import type { TrainingNews } from '../protocol/engine-training';

/** People do not see faster; the channel has better things to carry. */
const INTERVAL_MS = 100;
/** What the trainer calls its own stage: its steps are told by events. */
const TRAINING_STAGE = 'Training';

type StepEvent = Extract<TrainingEvent, { kind: 'step' }>;

/** Puts the events of steps together, so that at most ten messages a second are sent however fast steps are. */
export class TrainingDigest {
  private steps: number | null = null;
  private sum = 0;
  private count = 0;
  private last: StepEvent | null = null;
  private sentAt = -Infinity;
  private stage = '';
  private stageSentAt = -Infinity;

  /** @param now milliseconds */
  constructor(
    private readonly send: (news: TrainingNews) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  event(event: TrainingEvent): void {
    if (event.kind === 'original' || event.kind === 'resumed' || event.kind === 'saved') {
      this.send(event);
      return;
    }
    if (event.kind === 'evaluation') {
      this.flush();
      const { step, value, best, figure } = event;
      this.send({ kind: 'evaluation', step, value, best, figure: figure ?? null });
      return;
    }
    if (event.kind !== 'step') return;
    this.sum += event.loss;
    this.count += 1;
    this.last = event;
    if (this.now() - this.sentAt >= INTERVAL_MS) this.flush();
  }

  progress(progress: Progress): void {
    const { stage, done, total } = progress;
    if (stage === TRAINING_STAGE) {
      this.steps = total;
      this.stage = stage;
      if (done === total) this.flush();
      return;
    }
    const now = this.now();
    if (stage === this.stage && done !== total && now - this.stageSentAt < INTERVAL_MS) return;
    [this.stage, this.stageSentAt] = [stage, now];
    this.flush();
    this.send({ kind: 'progress', progress });
  }

  private flush(): void {
    const { last } = this;
    if (last === null) return;
    const { step, epoch, rate, samplesPerSecond } = last;
    this.send({
      ...{ kind: 'steps', step, epoch, rate, samplesPerSecond },
      ...{ loss: this.sum / this.count, steps: this.steps },
    });
    [this.sum, this.count, this.last, this.sentAt] = [0, 0, null, this.now()];
  }
}
