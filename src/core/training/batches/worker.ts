/**
 * The thread that prepares batches while the main one runs steps. Tensors are handed over, not copied: the memory moves
 * to the main thread with the message. (Memory that both could see at once, `SharedArrayBuffer`, is refused by the
 * runtime's binding.)
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { EdgewiseError, messageOf } from '../../errors';
import { breathe } from '../../progress';
import { openTrainingData, type OpenedData } from './data-opening';
import { movable, transferred } from './moved-tensors';
import { BatchPreparation } from './preparation';
import type { FromWorker, SentError, ToWorker, WorkerTask } from './worker-messages';

class BatchWorker {
  private round = 0;
  private next = 0;
  private wanted = 0;
  private working = false;
  private closed = false;

  constructor(
    private readonly port: MessagePort,
    private readonly data: OpenedData,
    private readonly preparation: BatchPreparation,
  ) {}

  async take(message: ToWorker): Promise<void> {
    switch (message.kind) {
      case 'from':
        [this.round, this.next, this.wanted] = [message.round, message.step, message.ahead];
        break;
      case 'more':
        this.wanted += 1;
        break;
      case 'close':
        this.closed = true;
        this.port.close();
        await this.data.close();
        return;
    }
    if (!this.working) await this.work();
  }

  private async work(): Promise<void> {
    this.working = true;
    while (this.wanted > 0 && !this.closed) {
      const [round, step] = [this.round, this.next];
      this.wanted -= 1;
      this.next += 1;
      const batch = movable(await this.preparation.prepare(step));
      if (round === this.round) post(this.port, { kind: 'batch', round, batch }, transferred(batch));
      // Lets what the main thread says come in.
      await breathe();
    }
    this.working = false;
  }
}

function post(port: MessagePort, message: FromWorker, moved: ArrayBuffer[] = []): void {
  port.postMessage(message, moved);
}

function sent(error: unknown): SentError {
  if (!EdgewiseError.is(error)) return { kind: 'internal', message: messageOf(error) };
  const { kind, message, file } = error;
  return { kind, message, ...(file === undefined ? {} : { file }) };
}

async function start(port: MessagePort, { opening, plan, length }: WorkerTask): Promise<void> {
  const early: ToWorker[] = [];
  let take = (message: ToWorker): Promise<void> => {
    early.push(message);
    return Promise.resolve();
  };
  const fail = (error: unknown): void => {
    post(port, { kind: 'failed', error: sent(error) });
    port.close();
  };
  port.on('message', (message: ToWorker) => {
    take(message).catch(fail);
  });
  try {
    const data = await openTrainingData(opening);
    if (data.set.length !== length)
      throw new EdgewiseError('changed', `"${data.set.source}" has changed while it was trained on. Start again.`);
    const worker = new BatchWorker(port, data, new BatchPreparation(data.set, plan));
    take = (message) => worker.take(message);
    for (const message of early) take(message).catch(fail);
  } catch (error) {
    fail(error);
  }
}

if (parentPort) void start(parentPort, workerData as WorkerTask);
