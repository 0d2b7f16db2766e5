import { layersOf } from '../analysis/layers';
import { readFloats } from '../compression/graph/float-weights';
import type { DataSet } from '../evaluation/data';
import type { KeptOutputs } from '../evaluation/kept-outputs';
import { openWeights } from '../formats/weight-reader';
import type { Model, Weight } from '../model/model';
import type { JobContext } from '../progress';
import { PROCESSOR, type ProviderChoice } from '../runtime/execution-provider';
import { layersNamed } from '../recipe/layer-patterns';
import type { TrainStep } from '../recipe/train.schema';
import type { BatchSource } from './batches/batch-source';
import { checkClasses } from './batches/check-answers';
import { unblocked } from './blocked-variables';
import type { DataOpening } from './batches/data-opening';
import { openBatches } from './batches/open-batches';
import type { PreparedBatch } from './batches/preparation';
import { evaluationModel, type VariableValues } from './evaluation-model';
import type { FormStore, FormTiming } from './forms';
import { LABELS, type Loss } from './losses/loss';
import { REGULARIZERS } from './losses/regularizers';
import { batchDims, fixedBatchOf } from './model-inputs';
import { selectionFigure, type SelectionFigure } from './selection-figure';
import { learningWeights } from './settings/learning-weights';
import { optimizerOf } from './settings/optimizer-of';
import { scheduleOf } from './settings/schedule-of';
import type { CheckpointStore } from './trainer/checkpoint';
import type { TrainingControl, TrainingEvent, TrainingOutcome, TrainingPlan } from './trainer/plan';
import { runTraining, type TrainerParts } from './trainer/trainer';
import { blockedVariables, type TrainingGraph, type TrainingGraphOptions } from './training-graph';
import { stagedGraphs, type StagedGraphs } from './staged-graphs';
import { asLastStage, firstStepOf, stageBefore, trainingStages, type TrainingStage } from './training-stages';
import type { TrainingMoment, TrainingTransform } from './transform';
import type { Tensor } from '../runtime/tensor';

/** One training: a model, data, a loss, and what changes the network while it trains. */
export interface TrainRequest {
  /** Operator set 13 or later. */
  readonly model: Model;
  /** What sentences call the model. */
  readonly file: string;
  readonly step: TrainStep;
  readonly loss: Loss;
  readonly train: DataSet;
  /** For choosing the best weights; null: the last ones are kept. */
  readonly selection: DataSet | null;
  /** What `selection` is judged against where it has no labels. */
  readonly reference?: Int32Array | null;
  /** The same of outputs that are no class scores. */
  readonly referenceOutputs?: KeptOutputs | null;
  readonly transforms?: readonly TrainingTransform[];
  /** Initializers that stay as they are, whatever the step says. */
  readonly still?: ReadonlySet<string>;
  /** How another thread opens `train`, to prepare batches while steps run; left out: they are prepared on this one. */
  readonly opening?: DataOpening;
  /** Ways in which a sample is changed before they repeat; default: another in each epoch. */
  readonly variants?: number;
  /** More to feed with a batch: a teacher's answers. */
  readonly also?: (batch: PreparedBatch) => Promise<Readonly<Record<string, Tensor>>>;
  /** Choices of this machine that were made before, and where those of now are kept. Default: nothing is known. */
  readonly forms?: FormStore;
  readonly checkpoints?: CheckpointStore;
  readonly control?: TrainingControl;
  readonly runtime?: ProviderChoice;
  readonly context: JobContext;
  readonly onEvent?: (event: TrainingEvent) => void;
  /** Gets sentences for the report. */
  readonly warn?: (sentence: string) => void;
}

export interface Trained {
  /** The trained variables: the model's own weights by name, and what transforms brought. */
  readonly values: VariableValues;
  /** What figure chose them; null where nothing was judged. */
  readonly figure: Omit<SelectionFigure, 'value'> | null;
  readonly outcome: TrainingOutcome;
}

/**
 * Trains a model as a step says.
 * @throws EdgewiseError what graph, data or trainer refuse
 */
export async function trainModel(request: TrainRequest): Promise<Trained> {
  const { model, step, file } = request;
  const frozen = layersNamed(
    step.freeze,
    layersOf(model).map(({ name, node }) => ({ name, operator: node.opType })),
    file,
  );
  const { learned: free, running } = learningWeights(model, step, frozen, file);
  const learned = free.filter(({ name }) => !request.still?.has(name));
  const size = fixedBatchOf(model) ?? step.batch;
  const wanted: TrainingGraphOptions = {
    ...{ dims: batchDims(model, size), loss: request.loss, optimizer: optimizerOf(step) },
    mode: { normalization: step.normalization === 'frozen' ? 'frozen' : 'training', dropout: true },
    ...(await starts(model, learned, running)),
    regularizers: step.regularize
      ? [{ regularizer: REGULARIZERS[step.regularize.kind], strength: step.regularize.strength }]
      : [],
    update: {
      ...{ clipNorm: step.clip ?? null, accumulate: step.accumulate },
      ...{ average: step.average ?? null, weightDecay: step.weightDecay },
    },
  };
  const stages = trainingStages(request.transforms ?? [], step.freezeNormalization);
  const options = withoutBlocked(request, { ...wanted, transforms: stages[0].transforms });
  const { graph, later, forms } = await stagedGraphs(model, stages, options, await formTiming(request));
  checkAnswers(request, graph, size);
  // What cannot be kept is timed again.
  if (isOnProcessor(request)) await request.forms?.add(forms).catch(() => undefined);
  const batches = batchesFor(request, graph, size);
  try {
    return await run(request, { graph, stages, later, batches, forms });
  } finally {
    await batches.close();
  }
}

/** What is before an operator without a gradient stays, and what is behind it learns. */
function withoutBlocked({ model, file, warn }: TrainRequest, options: TrainingGraphOptions): TrainingGraphOptions {
  const blocked = blockedVariables(model, options);
  if (blocked.size === 0) return options;
  const learned = unblocked(options.learned, blocked, { file, warn: warn ?? (() => undefined) });
  return { ...options, learned, blocked };
}

/** Labels are at hand before the first step; what a loss of the user's own makes of them is its own affair. */
function checkAnswers({ train, selection, step }: TrainRequest, graph: TrainingGraph, size: number): void {
  if (typeof step.loss === 'object' || !graph.fed.some(({ name }) => name === LABELS)) return;
  const shape = graph.model.graph.outputs.find(({ name }) => name === graph.scores)?.type.shape ?? [];
  const elements = shape.reduce<number>((product, length) => product * (typeof length === 'number' ? length : 1), 1);
  for (const set of [train, selection]) if (set) checkClasses(set, elements / size);
}

/** Forms differ by what the processor does well; elsewhere the first ones are written. */
const isOnProcessor = ({ runtime }: TrainRequest): boolean => (runtime?.provider ?? PROCESSOR) === PROCESSOR;

/** A checkpoint's choices come before those of the machine: a training that goes on keeps its numbers. */
async function formTiming(request: TrainRequest): Promise<FormTiming> {
  const { checkpoints, forms, step, context } = request;
  const { threads } = step;
  const saved = (await checkpoints?.read())?.forms ?? [];
  if (!isOnProcessor(request)) return { known: saved, limitMs: 0, context };
  const known = [...((await forms?.read()) ?? []), ...saved];
  return { known, context, ...(threads === undefined ? {} : { threads }) };
}

interface Prepared extends StagedGraphs {
  readonly stages: readonly TrainingStage[];
  readonly batches: BatchSource;
}

async function run(request: TrainRequest, { graph, stages, later, batches, forms }: Prepared): Promise<Trained> {
  const { step, context, checkpoints, control, runtime, onEvent, warn } = request;
  let figure: Trained['figure'] = null;
  const tell = (event: TrainingEvent): void =>
    onEvent?.(event.kind === 'evaluation' && figure ? { ...event, figure } : event);
  const judged =
    (request.selection?.length ?? 0) > 0
      ? async (values: VariableValues, { step: done, total }: TrainingMoment): Promise<number | null> => {
          const found = await judge(request, values, stageBefore(stages, done, total)?.transforms ?? []);
          figure = found && { name: found.name, lowerIsBetter: found.lowerIsBetter };
          return found && (found.lowerIsBetter ? -found.value : found.value);
        }
      : undefined;
  const outcome = await runTraining(planOf(step, batches), {
    later: later.map(({ stage, graph: its }) => ({
      ...{ graph: its, enter: (values) => stage.enter(values) },
      from: firstStepOf(stage, stepsIn(step, batches)),
    })),
    ...{ graph, batches, forms, context, onEvent: tell },
    ...(judged ? { evaluate: judged } : {}),
    ...changing(request.transforms ?? []),
    ...(checkpoints ? { checkpoints } : {}),
    ...(control ? { control } : {}),
    ...(runtime ? { runtime } : {}),
    ...(warn ? { warn } : {}),
  });
  const values = asLastStage(stages, outcome.values, outcome.bestStep, stepsIn(step, batches));
  return { values, figure, outcome };
}

/** What transforms do between steps: one sees what those before it have changed. */
function changing(transforms: readonly TrainingTransform[]): Pick<TrainerParts, 'adjust' | 'isReached'> {
  if (!transforms.some(({ adjust, isReached }) => adjust ?? isReached)) return {};
  return {
    adjust: (moment, values) => {
      const changes = new Map<string, Float32Array>();
      for (const transform of transforms) {
        const made = transform.adjust?.(moment, new Map([...values, ...changes])) ?? [];
        for (const [name, value] of made) changes.set(name, value);
      }
      return changes.size === 0 ? null : changes;
    },
    isReached: (moment) => transforms.every((transform) => transform.isReached?.(moment) ?? true),
  };
}

async function judge(
  request: TrainRequest,
  values: VariableValues,
  transforms: readonly TrainingTransform[],
): Promise<SelectionFigure | null> {
  const { model, selection, reference, referenceOutputs, step, context } = request;
  if (!selection) return null;
  return selectionFigure(evaluationModel(model, values, transforms), {
    ...{ set: selection, context },
    ...(reference === undefined ? {} : { reference }),
    ...(referenceOutputs === undefined ? {} : { referenceOutputs }),
    ...(step.threads === undefined ? {} : { threads: step.threads }),
  });
}

function batchesFor(request: TrainRequest, graph: TrainingGraph, size: number): BatchSource {
  const { train, step, variants, also, opening, context } = request;
  const options = {
    ...{ size, seed: step.seed, fed: graph.fed.map(({ name }) => name) },
    ...(step.augment ? { augment: step.augment } : {}),
    ...(variants === undefined ? {} : { variants }),
    ...(also ? { also } : {}),
  };
  return openBatches(train, options, { signal: context.signal, ...(opening ? { opening } : {}) });
}

const stepsIn = ({ epochs }: TrainStep, { stepsPerEpoch }: BatchSource): number =>
  Math.max(1, Math.round(epochs * stepsPerEpoch));

function planOf(step: TrainStep, { stepsPerEpoch }: BatchSource): TrainingPlan {
  const { epochs, rate, accumulate, seed, threads, evaluateEvery, patience } = step;
  const total = Math.round(epochs * stepsPerEpoch);
  return {
    ...{ epochs, rate, accumulate, seed, schedule: scheduleOf(step, Math.floor(total / accumulate)) },
    ...(threads === undefined ? {} : { threads }),
    ...(evaluateEvery === undefined ? {} : { evaluateEvery }),
    ...(patience === undefined ? {} : { patience }),
  };
}

async function starts(
  model: Model,
  learned: readonly Weight[],
  running: readonly Weight[],
): Promise<{ learned: Map<string, Float32Array>; running: Map<string, Float32Array> }> {
  const reader = await openWeights(model);
  try {
    const read = async (weights: readonly Weight[]): Promise<Map<string, Float32Array>> => {
      const values = new Map<string, Float32Array>();
      for (const weight of weights) values.set(weight.name, await readFloats(reader, weight));
      return values;
    };
    return { learned: await read(learned), running: await read(running) };
  } finally {
    await reader.close();
  }
}
