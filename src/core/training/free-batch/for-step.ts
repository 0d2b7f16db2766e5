import type { DataSet } from '../../evaluation/data';
import { quoted } from '../../formats/file-errors';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { TrainStep } from '../../recipe/train.schema';
import { fixedBatchOf } from '../model-inputs';
import { answersAlike } from './answers-alike';
import { withFreeBatch } from './free-batch';

export interface ForStep {
  /** What is learned from: some of it shows whether batches of another size are answered alike. */
  readonly data: DataSet;
  readonly file: string;
  readonly job: JobContext;
  /** Gets sentences for the report. */
  readonly warn: (sentence: string) => void;
}

/**
 * A form of a model that learns in the batches that a step asks for, where the model is fixed to others; null where it
 * is not, and where other batches cannot be shown to be answered alike: it then learns in its own.
 * @param model operator set 13 or later
 * @throws EdgewiseError `cancelled`, `bad-data`; `runtime` where the model does not run
 */
export async function freeForStep(
  model: Model,
  { batch: wanted }: TrainStep,
  { data, file, job, warn }: ForStep,
): Promise<Model | null> {
  const batch = fixedBatchOf(model);
  if (batch === null || batch === wanted) return null;
  const samples = batch === 1 ? 'one sample' : `${batch} samples`;
  const free = withFreeBatch(model, data, batch);
  if (await answersAlike({ fixed: model, batch, free }, data, job)) {
    warn(`${quoted(file)} takes ${samples} a run, and learned from ${wanted} a step: it answers them alike.`);
    return free;
  }
  warn(
    `${quoted(file)} takes ${samples} a run and could not be shown to answer more alike, so it learned from ${samples} a step. Export it with a free batch to train with --batch ${wanted}.`,
  );
  return null;
}
