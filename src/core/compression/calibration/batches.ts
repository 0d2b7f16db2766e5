import { breathe, throwIfCancelled } from '../../progress';
import { EdgewiseError } from '../../errors';
import { fixedBatch, freeBatch } from '../../evaluation/batching';
import type { DataSet } from '../../evaluation/data';
import type { Session } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';

export interface BatchRun {
  readonly session: Session;
  readonly data: DataSet;
  /** The first samples, which were run before. */
  readonly from: number;
  /** Samples to run, those included; fewer when the set has fewer. */
  readonly samples: number;
  /** The most samples a run, where the model leaves it free. */
  readonly mostInRun: number;
  readonly signal: AbortSignal;
  /** True when the outputs show that the model took `count` samples. */
  tookAll(outputs: Readonly<Record<string, Tensor>>, count: number): boolean;
  /** Takes the outputs of one run of `count` samples; nothing keeps them afterwards. */
  take(outputs: Readonly<Record<string, Tensor>>, count: number): void;
  /** Called after each run with the samples done so far. */
  after(done: number): Promise<void>;
}

/**
 * Runs the first samples of a set through a session, batch by batch; messages are handled, and cancelling seen, between
 * runs. A model with a fixed batch gets full ones, the last filled up with copies.
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function runBatches(run: BatchRun): Promise<void> {
  const { session, data } = run;
  const total = Math.min(run.samples, data.length);
  const fixed = fixedBatch(session.inputs, data);
  let size = fixed ?? Math.min(freeBatch(data), run.mostInRun);
  for (let done = run.from; done < total;) {
    throwIfCancelled(run.signal);
    const count = Math.min(size, total - done);
    const indices = Array.from({ length: fixed ?? count }, (_, at) => done + Math.min(at, count - 1));
    if (!(await runOnce(run, indices, count, fixed === null && count > 1))) {
      // Some exports name the batch and still work for one sample only.
      size = 1;
      continue;
    }
    done += count;
    await run.after(done);
    await breathe();
  }
}

/** False when the model did not take several samples at once and `mayFail`. */
async function runOnce(run: BatchRun, indices: readonly number[], count: number, mayFail: boolean): Promise<boolean> {
  const { inputs } = await run.data.batch(indices);
  let outputs: Record<string, Tensor>;
  try {
    outputs = await run.session.run(inputs);
  } catch (error) {
    if (mayFail && EdgewiseError.is(error, 'runtime')) return false;
    throw error;
  }
  if (mayFail && !run.tookAll(outputs, indices.length)) return false;
  run.take(outputs, count);
  return true;
}
