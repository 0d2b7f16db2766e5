import { EdgewiseError } from '../errors';
import type { Session } from '../runtime/session';
import type { Tensor } from '../runtime/tensor';
import { fixedBatch } from './batching';
import type { DataSet } from './data/data-set';
import { prepare } from './data/prepared-set';
import { randomSet } from './data/random-values';
import { inputTargets } from './data/targets';

const RANDOM_SEED = 1;

/**
 * One run's inputs for timing: the set's first sample (as many as the batch is fixed to); without data, random values.
 * Null where the model's inputs leave their shapes open and there is no data, and where no output is a tensor.
 */
export async function latencyFeeds(
  session: Session,
  test: DataSet | null,
): Promise<{ feeds: Record<string, Tensor>; batch: number } | null> {
  if (session.outputs.every(({ dtype }) => dtype === null)) return null;
  const batch = fixedBatch(session.inputs, test) ?? 1;
  const set = test ?? randomInputs(session);
  if (set === null) return null;
  const { inputs } = await set.batch(Array.from({ length: batch }, (_, index) => index % set.length));
  return { feeds: inputs, batch };
}

function randomInputs(session: Session): DataSet | null {
  try {
    const targets = inputTargets(session.inputs, undefined);
    return prepare(randomSet(1, targets, RANDOM_SEED), targets, 'random');
  } catch (error) {
    // Without shapes there is nothing to time.
    if (EdgewiseError.is(error, 'bad-data') || EdgewiseError.is(error, 'unsupported')) return null;
    throw error;
  }
}
