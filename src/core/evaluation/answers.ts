import { EdgewiseError } from '../errors';
import { breathe, throwIfCancelled, type JobContext } from '../progress';
import type { Session } from '../runtime/session';
import type { Tensor } from '../runtime/tensor';
import { fixedBatch, freeBatch, positionsInBatches } from './batching';
import type { DataSet } from './data/data-set';
import { topOne } from './metrics';

/** A model's answers on a set. */
export interface Answers {
  /** The class of each sample. */
  readonly classes: Int32Array;
  /** How many classes the model tells apart. */
  readonly count: number;
}

/**
 * The class that a model gives each sample. A model with a fixed batch gets full ones, the last filled up with copies.
 * @param output the output with class scores
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function answer(
  session: Session,
  output: string,
  set: DataSet,
  stage: string,
  context: JobContext,
): Promise<Answers> {
  const fixed = fixedBatch(session.inputs);
  let size = fixed ?? freeBatch(set);
  const classes = new Int32Array(set.length);
  let count = 0;
  for (let done = 0; done < set.length;) {
    throwIfCancelled(context.signal);
    const [positions = []] = positionsInBatches(Math.min(size, set.length - done), size);
    const indices = positions.map((position) => done + position);
    const run = await runBatch(session, output, set, indices, fixed);
    if (run === null) {
      // Some exports name the batch and still work for one sample only.
      size = 1;
      continue;
    }
    classes.set(topOne(run).subarray(0, indices.length), done);
    count = run.data.length / (run.shape[0] ?? 1);
    done += indices.length;
    context.progress({ stage, done, total: set.length, unit: 'images' });
    await breathe();
  }
  return { classes, count };
}

/** The scores of these samples; null when the model did not take several at once although it says that it does. */
async function runBatch(
  session: Session,
  output: string,
  set: DataSet,
  indices: readonly number[],
  fixed: number | null,
): Promise<Tensor | null> {
  const last = indices.at(-1) ?? 0;
  const filled = fixed === null ? indices : Array.from({ length: fixed }, (_, index) => indices[index] ?? last);
  const { inputs } = await set.batch(filled);
  try {
    const scores = (await session.run(inputs, [output]))[output];
    if (scores === undefined || scores.shape[0] !== filled.length) {
      if (filled.length > 1 && fixed === null) return null;
      throw new EdgewiseError('runtime', `The model's output ${output} does not give one answer for each sample.`);
    }
    return scores;
  } catch (error) {
    if (EdgewiseError.is(error, 'runtime') && fixed === null && filled.length > 1) return null;
    throw error;
  }
}
