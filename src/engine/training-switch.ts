import type { TrainingControl } from '../core/training/trainer/plan';

/** The buttons of the one training that this process does: pause, go on, stop and keep. */
export class TrainingSwitch implements TrainingControl {
  private isStopped = false;
  private paused: { readonly over: Promise<void>; readonly end: () => void } | null = null;

  get stopped(): boolean {
    return this.isStopped;
  }

  ready(): Promise<void> {
    return this.paused?.over ?? Promise.resolve();
  }

  pause(): void {
    if (this.paused || this.isStopped) return;
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    this.paused = { over, end };
  }

  resume(): void {
    this.paused?.end();
    this.paused = null;
  }

  /** Ends training after the step that runs; what is paused ends, too. */
  stop(): void {
    this.isStopped = true;
    this.resume();
  }
}
