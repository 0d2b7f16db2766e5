import type { DataSet } from '../evaluation/data';
import type { Model } from '../model/model';
import type { JobContext } from '../progress';
import type { Distilling } from '../training/distillation/distilling';
import { selectionFigure } from '../training/selection-figure';
import type { LearningInputs } from './train-pass';
import type { DistilStep, TrainStep } from './train.schema';

/** What a training learns from and chooses by, for the report. */
export interface TrainingSamples {
  readonly learning: number;
  readonly choosing: number;
  /** The figure of the model that the recipe began with, on the samples for choosing; null where nothing is judged. */
  readonly original: number | null;
}

interface Parts {
  readonly train: DataSet;
  readonly selection: DataSet;
  readonly step: TrainStep | DistilStep;
  readonly teacher: Pick<Distilling, 'reference' | 'referenceOutputs'> | null;
  readonly learning: Pick<LearningInputs, 'onEvent'>;
  readonly job: JobContext;
}

/**
 * Counts samples, and judges the original as the trainer will judge what it trains: what both reach can be compared,
 * and the test set is not looked at. Who watches is told.
 * @throws EdgewiseError `runtime`, `bad-data`, `cancelled`
 */
export async function trainingSamples(
  original: Model,
  { train, selection, step, teacher, learning, job }: Parts,
): Promise<TrainingSamples> {
  const found = await selectionFigure(original, {
    ...{ set: selection, context: job },
    reference: teacher?.reference ?? null,
    referenceOutputs: teacher?.referenceOutputs ?? null,
    ...(step.threads === undefined ? {} : { threads: step.threads }),
  });
  if (found !== null) {
    const { value, ...figure } = found;
    learning.onEvent?.({ kind: 'original', value, figure });
  }
  return { learning: train.length, choosing: selection.length, original: found?.value ?? null };
}
