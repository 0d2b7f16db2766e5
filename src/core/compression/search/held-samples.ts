import type { Batch, DataSet } from '../../evaluation/data';
import { bytesOfSample, MOST_KEPT_BYTES } from './samples';

/** The same samples, prepared once where they fit into memory: they are run hundreds of times, in the same batches. */
export function heldInMemory(set: DataSet): DataSet {
  if (set.length * bytesOfSample(set) > MOST_KEPT_BYTES) return set;
  const held = new Map<string, Batch>();
  return {
    ...set,
    batch: async (indices) => {
      const key = indices.join();
      const batch = held.get(key) ?? (await set.batch(indices));
      held.set(key, batch);
      return batch;
    },
  };
}
