import type { DataSet } from '../../evaluation/data';
import type { Tensor } from '../../runtime/tensor';
import type { BatchSource } from './batch-source';
import { BatchPreparation, type BatchPlan, type PreparedBatch } from './preparation';

export type { PreparedBatch } from './preparation';

export interface BatchOptions extends BatchPlan {
  /** More to feed with a batch, once its pictures are made: a teacher's answers. */
  readonly also?: (batch: PreparedBatch) => Promise<Readonly<Record<string, Tensor>>>;
}

/**
 * Batches of a set, prepared on this thread.
 * @throws EdgewiseError `bad-data` when the set is shorter than a batch, or lacks labels or targets that are fed
 */
export function batchesOf(set: DataSet, { also, ...plan }: BatchOptions): BatchSource {
  const preparation = new BatchPreparation(set, plan);
  return {
    ...{ stepsPerEpoch: preparation.stepsPerEpoch, size: plan.size },
    feeds: async (step) => feedsOf(await preparation.prepare(step), also),
    close: () => Promise.resolve(),
  };
}

/** All that a step is fed of its batch. */
export async function feedsOf(
  batch: PreparedBatch,
  also: BatchOptions['also'],
): Promise<Readonly<Record<string, Tensor>>> {
  return { ...batch.inputs, ...batch.answers, ...(await also?.(batch)) };
}
