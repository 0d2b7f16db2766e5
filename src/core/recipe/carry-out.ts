import type { DataSet } from '../evaluation/data';
import type { Model } from '../model/model';
import { EdgewiseError } from '../errors';
import { throwIfCancelled, type JobContext } from '../progress';
import { passOf, type PassContext, type PassResult } from './passes';
import type { RecipeStep } from './recipe.schema';
import type { StudentStep } from './student.schema';
import { studentOf } from '../training/students/student-of';
import { trainedByStep, type LearningInputs } from './train-pass';
import type { Preparation } from './preparation';
import { withProvenance } from './provenance';

/** What steps work with beside the model. */
export interface CompressionInputs {
  /** What training works with; left out where no step trains. */
  readonly learning?: LearningInputs;
  readonly job: JobContext;
  readonly calibration: DataSet | null;
  readonly sourceHash: string;
  /** A file from which a calibration that was stopped goes on. */
  readonly checkpoint?: string;
  warn(sentence: string): void;
}

/**
 * Carries out a recipe's steps and gives the result, with its provenance, to what writes it: weights are read while
 * they are written.
 * @param write gets the result, and the model whose weights were rounded: the original, or what folding made of it
 * @throws EdgewiseError what a pass refuses
 */
export async function carryOut<Written>(
  { model, recipe, file }: Pick<Preparation, 'model' | 'recipe' | 'file'>,
  { job, calibration, sourceHash, checkpoint, warn, learning }: CompressionInputs,
  write: (result: Model, reference: Model) => Promise<Written>,
): Promise<Written> {
  const closers: (() => Promise<void>)[] = [];
  const context: PassContext = {
    job,
    calibration,
    warn,
    file,
    whenWritten: (close) => closers.push(close),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
  try {
    let result = model;
    let reference: Model | undefined;
    for (const step of recipe.steps) {
      throwIfCancelled(job.signal);
      const done = await runStep(result, step, context, learning && { ...learning, original: model });
      result = done.model;
      // What a later step rounds was rounded before: errors count from the beginning.
      reference ??= done.reference;
    }
    return await write(withProvenance(result, recipe, sourceHash), reference ?? model);
  } finally {
    for (const close of closers) await close();
  }
}

function runStep(
  model: Model,
  step: RecipeStep,
  context: PassContext,
  learning: LearningInputs | undefined,
): Promise<PassResult> {
  const { quantize, train, distil, student } = step;
  if (quantize !== undefined) return passOf(quantize).run(model, quantize, context);
  if (student !== undefined) return studentByStep(model, student, context);
  const training = train ?? distil;
  if (training === undefined || learning === undefined)
    throw new EdgewiseError('usage', `Training ${context.file} needs data: give some with --train or --data.`);
  return trainedByStep(model, training, context, learning);
}

/** What later steps round is the student's weights: errors count from them. */
async function studentByStep(model: Model, step: StudentStep, context: PassContext): Promise<PassResult> {
  const student = await studentOf(model, step, context);
  return { model: student, reference: student };
}
