import { EdgewiseError } from '../../errors';
import type { DataSet } from '../../evaluation/data';
import type { Model } from '../../model/model';
import { throwIfCancelled, type JobContext } from '../../progress';
import { openSessionOf } from '../../runtime/model-session';
import type { Tensor } from '../../runtime/tensor';

/** Samples that are asked about, and the fewest batches of the fixed model. */
const SAMPLES = 8;
const BATCHES = 2;
/** Of the largest number: another batch is summed up in another order. */
const TOLERANCE = 1e-4;

export interface Compared {
  /** Takes `batch` samples, no more and no fewer. */
  readonly fixed: Model;
  readonly batch: number;
  /** Is to take any number. */
  readonly free: Model;
}

/**
 * Whether a model gives several samples at once the answers that the fixed one gives them batch by batch: asked of the
 * runtime, on samples of a set. False where it cannot be run so, or where the set has too few.
 * @throws EdgewiseError `cancelled`, `bad-data`; `runtime` where the fixed model does not run
 */
export async function answersAlike(
  { fixed, batch, free }: Compared,
  set: DataSet,
  context: JobContext,
): Promise<boolean> {
  const count = Math.max(BATCHES, Math.ceil(SAMPLES / batch)) * batch;
  if (set.length < count) return false;
  const groups = Array.from({ length: count / batch }, (_, group) =>
    Array.from({ length: batch }, (__, at) => group * batch + at),
  );
  const expected = await answers(fixed, groups, set, context);
  try {
    const found = await answers(free, [groups.flat()], set, context);
    return fixed.graph.outputs.every(({ name }) => isAlike(joined(expected, name), joined(found, name)));
  } catch (error) {
    if (EdgewiseError.is(error, 'runtime')) return false;
    throw error;
  }
}

async function answers(
  model: Model,
  groups: readonly (readonly number[])[],
  set: DataSet,
  context: JobContext,
): Promise<Record<string, Tensor>[]> {
  const session = await openSessionOf(model, { context });
  try {
    const given: Record<string, Tensor>[] = [];
    for (const positions of groups) {
      throwIfCancelled(context.signal);
      given.push(await session.run((await set.batch(positions)).inputs));
    }
    return given;
  } finally {
    await session.close();
  }
}

/** Numbers of one output, batch after batch; null where it is no tensor that the batch comes first in. */
function joined(given: readonly Record<string, Tensor>[], name: string): number[] | null {
  const tensors = given.flatMap((outputs) => outputs[name] ?? []);
  if (tensors.length !== given.length || tensors.some(({ shape }) => shape.length === 0)) return null;
  return tensors.flatMap(({ data }) => Array.from(data, Number));
}

function isAlike(expected: readonly number[] | null, found: readonly number[] | null): boolean {
  if (!expected || !found || expected.length !== found.length) return false;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.every((value, at) => Math.abs(value - (found[at] ?? NaN)) <= TOLERANCE * largest);
}
