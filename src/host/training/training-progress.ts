import type { TrainingNews } from '../../protocol/engine-training';
import type { TrainingPhase, TrainingState } from '../../protocol/training';
import { TimeLeft, progressText } from '../compress/progress-text';
import { LiveCurves } from './live-curves';

export interface TrainingSubject {
  /** File names. */
  readonly model: string;
  readonly recipe: string;
  /** What is done, in words. */
  readonly method: string;
  readonly epochs: number;
}

/** Sooner, a rate says little. */
const LEAST_MS = 1500;

/** What a tab shows, made of the news of its engine. It knows no editor, so that tests can drive it. */
export class TrainingProgress {
  private shown: TrainingState;
  private curves: LiveCurves;
  private stageTime = new TimeLeft();
  private began: { step: number; at: number } | null = null;
  private pausedAt: number | null = null;

  /** @param before the state that an earlier attempt at the same training left */
  constructor(subject: TrainingSubject, before?: TrainingState) {
    this.curves = new LiveCurves(before?.curves);
    this.shown = {
      ...{ phase: 'starting', line: 'Starting', step: 0, steps: null, epoch: 0 },
      ...{ samplesPerSecond: null, secondsLeft: null, figure: null, best: null, savedStep: null },
      original: null,
      ...before,
      ...subject,
      curves: this.curves.all,
    };
  }

  get state(): TrainingState {
    return this.shown;
  }

  /** Begins an attempt: the curves stay until it says where it goes on. */
  begin(subject: TrainingSubject): void {
    [this.began, this.pausedAt, this.stageTime] = [null, null, new TimeLeft()];
    this.change({ ...subject, phase: 'starting', line: 'Starting', samplesPerSecond: null, secondsLeft: null });
  }

  /** @param now milliseconds */
  take(news: TrainingNews, now: number): void {
    if (news.kind === 'progress') {
      this.change({ line: progressText(news.progress, this.stageTime.of(news.progress, now)) });
    } else if (news.kind === 'steps') this.takeSteps(news, now);
    else if (news.kind === 'evaluation') this.takeEvaluation(news);
    else if (news.kind === 'original') this.change({ original: news.value, figure: news.figure });
    else this.change({ savedStep: news.step });
  }

  /** @param now milliseconds: time that passes while it is paused is not counted */
  enter(phase: TrainingPhase, line: string, now: number): void {
    if (phase === 'paused') this.pausedAt ??= now;
    else if (this.pausedAt !== null) {
      if (this.began) this.began = { ...this.began, at: this.began.at + now - this.pausedAt };
      this.pausedAt = null;
    }
    this.change({ phase, line, secondsLeft: null });
  }

  private takeSteps(news: Extract<TrainingNews, { kind: 'steps' }>, now: number): void {
    const { step, steps, epoch, loss, rate, samplesPerSecond } = news;
    // A recipe may train more than once: a later training begins at its first step again.
    if (this.began === null || step <= this.shown.step) {
      this.began = { step, at: now };
      this.curves.cutAt(step);
      const { best } = this.shown;
      if (best && best.step >= step) this.change({ best: null });
      if ((this.shown.savedStep ?? 0) >= step) this.change({ savedStep: null });
    }
    this.curves.stepped(step, loss, rate);
    const total = steps ?? this.shown.steps;
    const phase = this.shown.phase === 'starting' ? 'running' : this.shown.phase;
    const line = phase === 'running' ? stepLine(step, total, loss) : this.shown.line;
    const secondsLeft = phase === 'running' ? this.secondsLeft(step, total, now) : null;
    this.change({ phase, line, step, steps: total, epoch, samplesPerSecond, secondsLeft, curves: this.curves.all });
  }

  private takeEvaluation({ step, value, best, figure }: Extract<TrainingNews, { kind: 'evaluation' }>): void {
    const shown = figure?.lowerIsBetter ? -value : value;
    this.curves.evaluated(step, shown, figure?.lowerIsBetter ? 'lower' : 'higher');
    this.change({
      curves: this.curves.all,
      figure: figure ?? this.shown.figure,
      ...(best ? { best: { step, value: shown } } : {}),
    });
  }

  /** From the steps of this attempt, evaluations counted. */
  private secondsLeft(step: number, total: number | null, now: number): number | null {
    if (this.began === null || total === null || step >= total) return null;
    const elapsed = now - this.began.at;
    const done = step - this.began.step;
    return done > 0 && elapsed >= LEAST_MS ? ((total - step) * elapsed) / done / 1000 : null;
  }

  private change(change: Partial<TrainingState>): void {
    this.shown = { ...this.shown, ...change };
  }
}

function stepLine(step: number, total: number | null, loss: number): string {
  const count = step.toLocaleString('en');
  const of = total === null ? '' : ` of ${total.toLocaleString('en')}`;
  return `Training: step ${count}${of}, loss ${loss.toPrecision(3)}`;
}
