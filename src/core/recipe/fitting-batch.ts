import type { DataSet } from '../evaluation/data';
import type { Model } from '../model/model';
import { fixedBatchOf } from '../training/model-inputs';
import type { DistilStep, TrainStep } from './train.schema';

/** The step with a batch that the samples fill: where they are fewer, each batch has all of them, and that is said. */
export function withFittingBatch<Step extends TrainStep | DistilStep>(
  step: Step,
  { source, length }: DataSet,
  model: Model,
  warn: (sentence: string) => void,
): Step {
  if (length === 0 || length >= step.batch || fixedBatchOf(model) !== null) return step;
  warn(
    `"${source}" leaves ${length} samples to train on, fewer than a batch of ${step.batch}: each batch has all of them.`,
  );
  return { ...step, batch: length };
}
