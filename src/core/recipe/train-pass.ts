import path from 'node:path';
import { inferShapes } from '../analysis/shapes';
import { raiseOpset } from '../compression/graph/opset/raise';
import { divideForTraining, type DataSet } from '../evaluation/data';
import { readModel } from '../formats';
import type { Report } from '../evaluation/report.schema';
import type { Model } from '../model/model';
import { distilling, type Distilling } from '../training/distillation/distilling';
import { withTrainedWeights } from '../training/evaluation-model';
import { awareTransform } from '../training/quantization/aware-transform';
import { exportAware } from '../training/quantization/export-aware';
import { prepareAware, type AwareModel } from '../training/quantization/prepare-aware';
import { lossOf } from '../training/settings/loss-of';
import { trainModel, type TrainRequest, type Trained } from '../training/train-model';
import { checkpointFile } from '../training/trainer/checkpoint-file';
import type { TrainingControl, TrainingEvent, TrainingOutcome } from '../training/trainer/plan';
import type { PassContext, PassResult } from './passes';
import type { DistilStep, TrainStep } from './train.schema';

/** What training works with beside the model. */
export interface LearningInputs {
  /** What is learned from; a part of it is kept for choosing. */
  readonly data: DataSet;
  /** The folder that paths in the recipe are relative to. */
  readonly base: string;
  /** Where checkpoints lie; left out where there is no place for them. */
  readonly checkpoint?: { readonly path: string; readonly identity: string };
  readonly control?: TrainingControl;
  readonly onEvent?: (event: TrainingEvent) => void;
  /** Told once it has ended. */
  ended(step: TrainStep | DistilStep, trained: Trained): void;
  /** For the report: how the last training went. */
  figures(): Report['training'];
}

export type { TrainingOutcome };

/**
 * Trains the model that a step gets, as it says: plainly, from a teacher, with weights and activations of few bits.
 * @throws EdgewiseError what data, graph and trainer refuse
 */
export async function trainedByStep(
  model: Model,
  step: TrainStep | DistilStep,
  context: PassContext,
  learning: LearningInputs,
): Promise<PassResult> {
  const { calibration, job, file, whenWritten, warn } = context;
  const raised = raiseOpset(model, (value) => inferShapes(model).get(value)?.shape?.length ?? null, 'training needs');
  const { train, selection, sentence } = divideForTraining(learning.data, step.seed);
  warn(sentence);
  const options = step.quantize;
  const aware = options && (await prepareAware({ model: raised, options, calibration, file, context: job }));
  const learner = aware?.model ?? raised;
  const teacher = 'teacher' in step ? await distilling(step, learner, { ...learning, train, selection, job }) : null;
  try {
    const request = await requestOf({ step, learner, aware, teacher, train, selection, learning, context });
    const trained = await trainModel(request);
    learning.ended(step, trained);
    if (aware) return await exportAware({ aware, values: trained.values, calibration, context: job, whenWritten });
    const result = withTrainedWeights(model, trained.values);
    return { model: result, reference: result };
  } finally {
    await teacher?.close();
  }
}

interface Parts {
  readonly step: TrainStep | DistilStep;
  readonly learner: Model;
  readonly aware: AwareModel | undefined;
  readonly teacher: Distilling | null;
  readonly train: DataSet;
  readonly selection: DataSet;
  readonly learning: LearningInputs;
  readonly context: PassContext;
}

async function requestOf(parts: Parts): Promise<TrainRequest> {
  const { step, learner, aware, teacher, train, selection, learning, context } = parts;
  const readLoss = (file: string): Promise<Model> => readModel(path.resolve(learning.base, file));
  const { checkpoint, control, onEvent } = learning;
  return {
    ...{ model: learner, file: context.file, step, train, selection, context: context.job },
    loss: teacher?.loss ?? (await lossOf(step, train, readLoss)),
    ...(teacher ? { also: teacher.also, reference: teacher.reference } : {}),
    ...(aware ? { transforms: [awareTransform(aware.plan)] } : {}),
    ...(checkpoint ? { checkpoints: checkpointFile(checkpoint.path, checkpoint.identity) } : {}),
    ...(control ? { control } : {}),
    ...(onEvent ? { onEvent } : {}),
  };
}
