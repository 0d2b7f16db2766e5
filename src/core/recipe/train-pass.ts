import path from 'node:path';
import { divideForTraining, type DataSet } from '../evaluation/data';
import { readModel } from '../formats';
import type { Report } from '../evaluation/report.schema';
import type { Model } from '../model/model';
import type { DataOpening } from '../training/batches/data-opening';
import { distilling, type Distilling } from '../training/distillation/distilling';
import { awareTransform } from '../training/quantization/aware-transform';
import { lossOf } from '../training/settings/loss-of';
import { trainModel, type TrainRequest, type Trained } from '../training/train-model';
import { readOnce } from '../training/trainer/checkpoint';
import { checkpointFile } from '../training/trainer/checkpoint-file';
import type { TrainingControl, TrainingEvent } from '../training/trainer/plan';
import { withFittingBatch } from './fitting-batch';
import { knownForms } from './known-forms';
import { learnedResult, learnerOf, learnerSource, type Learner } from './learner';
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
  const { job, file, warn } = context;
  const source = await learnerSource(given, asked, file);
  const { train, selection, sentence } = divideForTraining(learning.data, asked.seed);
  warn(sentence);
  const step = withFittingBatch(asked, train, source.raised, warn);
  const learner = await learnerOf(source, step, train, context);
  const { aware, compact } = learner;
  const original = { model: learning.original ?? source.model, file };
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
  const teacher = 'teacher' in step ? await distilling(step, learner.model, shown) : null;
  let finished = false;
  try {
    const request = await requestOf({ step, learner, teacher, train, selection, learning, context });
    const samples = await trainingSamples(original.model, { train, selection, step, teacher, learning, job });
    const trained = await trainModel(request);
    finished = true;
    learning.ended(step, trained, samples);
    return await learnedResult(learner, trained.values, context);
  } finally {
    await teacher?.close(finished);
  }
}

interface Parts {
  readonly step: TrainStep | DistilStep;
  readonly learner: Learner;
  readonly teacher: Distilling | null;
  readonly train: DataSet;
  readonly selection: DataSet;
  readonly learning: LearningInputs;
  readonly context: PassContext;
}

async function requestOf(parts: Parts): Promise<TrainRequest> {
  const { step, learner, teacher, train, selection, learning, context } = parts;
  const { model, aware, inserted, compact } = learner;
  const readLoss = (file: string): Promise<Model> => readModel(path.resolve(learning.base, file));
  const { control, onEvent, opening, provider } = learning;
  const checkpoint = learning.checkpoint();
  const forms = checkpoint ? await knownForms(step.threads) : undefined;
  return {
    ...{ model, file: context.file, step, train, selection, context: context.job, warn: context.warn },
    loss: teacher?.loss ?? (await lossOf(step, train, readLoss)),
    ...(teacher ? fromTeacher(teacher) : {}),
    transforms: [...(compact?.transforms ?? []), ...(aware ? [awareTransform(aware.plan, aware.earlier)] : [])],
    ...(inserted ? { still: inserted.biases } : {}),
    ...(checkpoint
      ? { checkpoints: readOnce(checkpointFile(checkpoint.path, checkpoint.identity, context.warn)) }
      : {}),
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
