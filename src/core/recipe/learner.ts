import { ranksOf } from '../compression/graph/opset/ranks';
import { LOWEST_OPSET, raiseOpset } from '../compression/graph/opset/raise';
import type { DataSet } from '../evaluation/data';
import type { Model } from '../model/model';
import { compactWeights, storeCompact, withOneStep, type CompactWeights } from '../training/compact-weights';
import type { VariableValues } from '../training/evaluation-model';
import { withTrainedWeights } from '../training/evaluation-model';
import { freeForStep } from '../training/free-batch/for-step';
import { withBatchOf } from '../training/free-batch/free-batch';
import { foldedValues } from '../training/normalization/fold-inserted';
import { exportFolded } from '../training/normalization/folded-export';
import { insertedForStep } from '../training/normalization/for-step';
import type { InsertedNormalization } from '../training/normalization/insert-normalization';
import { trainedOriginal } from '../training/original-weights';
import { exportAware } from '../training/quantization/export-aware';
import { prepareAware, type AwareModel } from '../training/quantization/prepare-aware';
import { refuseCodes, standingWeights, type HeldForms } from '../training/standing-weights';
import type { PassContext, PassResult } from './passes';
import type { TrainStep } from './train.schema';

/** A model before it is brought into the form in which it learns. */
export interface LearnerSource {
  /** With weights that learn. */
  readonly model: Model;
  /** In an operator set that training knows. */
  readonly raised: Model;
  /** What earlier steps have made of its weights. */
  readonly held: HeldForms;
}

/**
 * Gives a model weights that learn, and an operator set that training knows.
 * @throws EdgewiseError `unsupported` for integer codes that were to learn, and for operators that cannot be raised
 */
export async function learnerSource(given: Model, { only }: TrainStep, file: string): Promise<LearnerSource> {
  const { model, held } = await standingWeights(given);
  if (only !== 'norms') refuseCodes(model, file);
  return { model, raised: raiseOpset(model, ranksOf(model), 'training needs'), held };
}

/** A model in the form in which it learns, and what leads back from there. */
export interface Learner {
  readonly model: Model;
  /** As the step got it. */
  readonly original: Model;
  /** In an operator set that training knows. */
  readonly raised: Model;
  /** Whether it learns in batches that the original does not take. */
  readonly isFreed: boolean;
  readonly inserted: InsertedNormalization | null;
  readonly aware: AwareModel | undefined;
  readonly compact: CompactWeights | null;
}

/**
 * Brings a model into the form in which a step trains it.
 * @throws EdgewiseError what the step's parts refuse
 */
export async function learnerOf(
  { model: original, raised, held }: LearnerSource,
  step: TrainStep,
  train: DataSet,
  { calibration, job, file, warn }: PassContext,
): Promise<Learner> {
  const described = { data: train, file, job, warn };
  const free = await freeForStep(raised, step, described);
  const inserted = await insertedForStep(free ?? raised, step, { ...described, held });
  const plain = inserted?.model ?? free ?? raised;
  const options = step.quantize && withOneStep(step.quantize, step, held);
  const aware = options && (await prepareAware({ model: plain, options, calibration, file, context: job, warn }));
  const model = aware?.model ?? plain;
  const compact = await compactWeights(model, step, file, held);
  return { model, original, raised, isFreed: free !== null, inserted, aware, compact };
}

/** The original with what was learned: its weights by name, or what they have become with few bits. */
export async function learnedResult(
  { original, raised, isFreed, inserted, aware, compact }: Learner,
  trained: VariableValues,
  { calibration, job, file, warn, whenWritten }: PassContext,
): Promise<PassResult> {
  const values = compact?.settled(trained) ?? trained;
  if (aware) {
    const request = { aware, values, compact, calibration, context: job, whenWritten };
    const isInserted = inserted !== null && aware.plan.activations.size === 0;
    const exported = await (isInserted ? exportFolded(request) : exportAware(request));
    return isFreed ? { ...exported, model: withBatchOf(raised, exported.model) } : exported;
  }
  const folded = inserted ? await foldedValues(inserted, values) : values;
  const own = trainedOriginal(original, raised, folded);
  if (own === null)
    warn(
      `Weights that "${file}" uses in several places have become different ones, so the result is of operator set ${LOWEST_OPSET}.`,
    );
  const result = own ?? withTrainedWeights(raised, folded);
  const stored = compact ? await storeCompact(result, compact, { context: job, whenWritten }) : result;
  return { model: stored, reference: result };
}
