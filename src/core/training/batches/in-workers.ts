import { Worker } from 'node:worker_threads';
import { EdgewiseError } from '../../errors';
import type { Tensor } from '../../runtime/tensor';
import type { BatchSource } from './batch-source';
import { feedsOf, type BatchOptions } from './from-data-set';
import type { PreparedBatch } from './preparation';
import type { FromWorker, ToWorker, WorkerTask } from './worker-messages';

/** Batches that are ready before they are asked for: enough to bridge a slow one, few enough for large pictures. */
const READ_AHEAD = 4;
/** A worker that does not end by itself in this time is ended. */
const CLOSING_MS = 300;

export interface WorkerOptions extends WorkerTask {
  /** The bundled worker. */
  readonly file: string;
  readonly stepsPerEpoch: number;
  readonly also?: BatchOptions['also'];
  readonly signal: AbortSignal;
}

/**
 * Batches that a thread of their own prepares while steps run: the same as the main thread's, number by number. What
 * fails there fails here, with the same error; a cancel is not waited for.
 */
export function batchesInWorker(options: WorkerOptions): BatchSource {
  const worker = new BatchThread(options);
  return {
    ...{ stepsPerEpoch: options.stepsPerEpoch, size: options.plan.size },
    feeds: (step): Promise<Readonly<Record<string, Tensor>>> =>
      worker.batch(step).then((batch) => feedsOf(batch, options.also)),
    close: () => worker.close(),
  };
}

interface Waiting {
  resolve(batch: PreparedBatch): void;
  reject(error: unknown): void;
}

class BatchThread {
  private readonly worker: Worker;
  private readonly ended: Promise<void>;
  private readonly ready: PreparedBatch[] = [];
  private readonly signal: AbortSignal;
  private readonly onAbort = (): void => {
    this.fail(new EdgewiseError('cancelled', 'Cancelled. Nothing was written.'));
  };
  private waiting: Waiting | null = null;
  private error: unknown = null;
  private next = -1;
  private round = 0;

  constructor({ file, opening, plan, length, signal }: WorkerOptions) {
    const task: WorkerTask = { opening, plan, length };
    this.signal = signal;
    this.worker = new Worker(file, { workerData: task });
    this.worker.on('message', (message: FromWorker) => {
      this.take(message);
    });
    this.worker.on('error', (cause) => {
      this.fail(new EdgewiseError('internal', `Preparing batches failed: ${cause.message}`, { cause }));
    });
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.fail(new EdgewiseError('internal', 'The thread that prepares batches ended. Start again.'));
        resolve();
      });
    });
    signal.addEventListener('abort', this.onAbort, { once: true });
    if (signal.aborted) this.onAbort();
  }

  batch(step: number): Promise<PreparedBatch> {
    if (step === this.next) this.post({ kind: 'more' });
    else this.begin(step);
    this.next = step + 1;
    const ready = this.ready.shift();
    if (ready) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      if (this.error !== null) this.fail(this.error);
    });
  }

  async close(): Promise<void> {
    this.signal.removeEventListener('abort', this.onAbort);
    this.post({ kind: 'close' });
    const late = setTimeout(() => void this.worker.terminate(), CLOSING_MS);
    await this.ended;
    clearTimeout(late);
  }

  /** Steps are asked for in order; the first one, and any other than the next, begins a round. */
  private begin(step: number): void {
    this.round += 1;
    this.ready.length = 0;
    this.post({ kind: 'from', step, round: this.round, ahead: READ_AHEAD });
  }

  private take(message: FromWorker): void {
    if (message.kind === 'failed') {
      const { kind, message: sentence, file } = message.error;
      this.fail(new EdgewiseError(kind, sentence, file === undefined ? {} : { file }));
      return;
    }
    if (message.round !== this.round) return;
    const { waiting } = this;
    this.waiting = null;
    if (waiting) waiting.resolve(message.batch);
    else this.ready.push(message.batch);
  }

  /** The first error is told to who waits, and to who asks after it. */
  private fail(error: unknown): void {
    this.error ??= error;
    this.waiting?.reject(this.error);
    this.waiting = null;
  }

  private post(message: ToWorker): void {
    this.worker.postMessage(message);
  }
}
