import path from 'node:path';
import { inferShapes } from '../analysis/shapes';
import { raiseOpset } from '../compression/graph/opset/raise';
import { divideForTraining, type DataSet } from '../evaluation/data';
import { readModel } from '../formats';
import type { Report } from '../evaluation/report.schema';
import type { Model } from '../model/model';
import type { DataOpening } from '../training/batches/data-opening';
import { distilling, type Distilling } from '../training/distillation/distilling';
import { compactWeights, storeCompact, withOneStep, type CompactWeights } from '../training/compact-weights';
import { withTrainedWeights } from '../training/evaluation-model';
import { foldedValues } from '../training/normalization/fold-inserted';
import { insertedForStep } from '../training/normalization/for-step';
import type { InsertedNormalization } from '../training/normalization/insert-normalization';
import { awareTransform } from '../training/quantization/aware-transform';
import { exportAware } from '../training/quantization/export-aware';
import { prepareAware, type AwareModel } from '../training/quantization/prepare-aware';
import { lossOf } from '../training/settings/loss-of';
import { trainModel, type TrainRequest, type Trained } from '../training/train-model';
import { checkpointFile } from '../training/trainer/checkpoint-file';
import type { TrainingControl, TrainingEvent, TrainingOutcome } from '../training/trainer/plan';
import { refuseCodes, standingWeights } from '../training/standing-weights';
import { withFittingBatch } from './fitting-batch';
import { knownForms } from './known-forms';
import { trainingSamples, type TrainingSamples } from './training-samples';
import type { PassContext, PassResult } from './passes';
import type { DistilStep, TrainStep } from './train.schema';

/** What training works with beside the model. */
export interface LearningInputs {
  /** What is learned from; a part of it is kept for choosing. */
  readonly data: DataSet;
  /** How `data` were opened, for a thread that prepares batches; left out: the main one does. */
  readonly opening?: Omit<DataOpening, 'seed'>;
  /** The folder that paths in the recipe are relative to. */
  readonly base: string;
  /** The model as it was before the first step: what `teacher: self` stands for. Left out: what the step gets. */
  readonly original?: Model;
  /** Where checkpoints of the training that is next or under way lie; null where there is no place for them. */
  checkpoint(): { readonly path: string; readonly identity: string } | null;
  /** The whole recipe was carried out: checkpoints are of no more use. */
  finished(): Promise<void>;
  readonly control?: TrainingControl;
  readonly onEvent?: (event: TrainingEvent) => void;
  /** Where training steps are computed, as ONNX Runtime names it. Default: the processor. */
  readonly provider?: string;
  /** Told once it has ended. */
  ended(step: TrainStep | DistilStep, trained: Trained, samples: TrainingSamples): void;
  /** For the report: how the last training went. */
  figures(): Report['training'];
}

export type { TrainingOutcome };

/**
 * Trains the model that a step gets, as it says: plainly, from a teacher, with weights and activations of few bits.
 * @throws EdgewiseError what data, graph and trainer refuse
 */
export async function trainedByStep(
  given: Model,
  asked: TrainStep | DistilStep,
  context: PassContext,
  learning: LearningInputs,
): Promise<PassResult> {
  const { calibration, job, file, whenWritten, warn } = context;
  const standing = await standingWeights(given);
  const { model, held } = standing;
  if (asked.only !== 'norms') refuseCodes(model, file);
  const raised = raiseOpset(model, (value) => inferShapes(model).get(value)?.shape?.length ?? null, 'training needs');
  const { train, selection, sentence } = divideForTraining(learning.data, asked.seed);
  warn(sentence);
  const step = withFittingBatch(asked, train, raised, warn);
  const inserted = await insertedForStep(raised, step, { data: train, file, job, warn });
  const prepared = inserted?.model ?? raised;
  const options = step.quantize;
  const few = options && withOneStep(options, step, held);
  const aware = few && (await prepareAware({ model: prepared, options: few, calibration, file, context: job, warn }));
  const learner = aware?.model ?? prepared;
  const compact = await compactWeights(learner, step, file, held);
  const original = { model: learning.original ?? model, file };
  const checkpoint = learning.checkpoint();
  const cachePath = checkpoint && `${checkpoint.path}.answers`;
  const isChanged = aware !== undefined || compact !== null;
  const shown = {
    base: learning.base,
    original,
    isChanged,
    train,
    selection,
    job,
    warn,
    ...(cachePath ? { cachePath } : {}),
  };
  const teacher = 'teacher' in step ? await distilling(step, learner, shown) : null;
  let finished = false;
  try {
    const request = await requestOf({
      step,
      learner,
      aware,
      inserted,
      compact,
      teacher,
      train,
      selection,
      learning,
      context,
    });
    const samples = await trainingSamples(original.model, { train, selection, step, teacher, learning, job });
    const trained = await trainModel(request);
    finished = true;
    learning.ended(step, trained, samples);
    const values = compact?.settled(trained.values) ?? trained.values;
    if (aware) return await exportAware({ aware, values, compact, calibration, context: job, whenWritten });
    const result = withTrainedWeights(model, inserted ? await foldedValues(inserted, values) : values);
    const stored = compact ? await storeCompact(result, compact, { context: job, whenWritten }) : result;
    return { model: stored, reference: result };
  } finally {
    await teacher?.close(finished);
  }
}

interface Parts {
  readonly step: TrainStep | DistilStep;
  readonly learner: Model;
  readonly aware: AwareModel | undefined;
  readonly inserted: InsertedNormalization | null;
  readonly compact: CompactWeights | null;
  readonly teacher: Distilling | null;
  readonly train: DataSet;
  readonly selection: DataSet;
  readonly learning: LearningInputs;
  readonly context: PassContext;
}

async function requestOf(parts: Parts): Promise<TrainRequest> {
  const { step, learner, aware, inserted, compact, teacher, train, selection, learning, context } = parts;
  const readLoss = (file: string): Promise<Model> => readModel(path.resolve(learning.base, file));
  const { control, onEvent, opening, provider } = learning;
  const checkpoint = learning.checkpoint();
  const forms = checkpoint ? await knownForms(step.threads) : undefined;
  return {
    ...{ model: learner, file: context.file, step, train, selection, context: context.job, warn: context.warn },
    loss: teacher?.loss ?? (await lossOf(step, train, readLoss)),
    ...(teacher ? fromTeacher(teacher) : {}),
    transforms: [...(compact?.transforms ?? []), ...(aware ? [awareTransform(aware.plan)] : [])],
    ...(inserted ? { still: inserted.biases } : {}),
    ...(checkpoint ? { checkpoints: checkpointFile(checkpoint.path, checkpoint.identity, context.warn) } : {}),
    ...(forms ? { forms } : {}),
    ...(opening ? { opening: { ...opening, seed: step.seed } } : {}),
    ...(control ? { control } : {}),
    ...(onEvent ? { onEvent } : {}),
    ...(provider === undefined ? {} : { runtime: { provider, onFallback: context.warn } }),
  };
}

function fromTeacher({ also, reference, referenceOutputs, variants }: Distilling): Partial<TrainRequest> {
  return { also, reference, referenceOutputs, ...(variants === undefined ? {} : { variants }) };
}
