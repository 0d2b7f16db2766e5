import path from 'node:path';
import { EdgewiseError } from '../../errors';
import type { DataSet } from '../../evaluation/data';
import type { KeptOutputs } from '../../evaluation/kept-outputs';
import { randomNumbers } from '../../evaluation/data/split';
import { readModel } from '../../formats';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { DistilStep } from '../../recipe/train.schema';
import type { Tensor } from '../../runtime/tensor';
import type { PreparedBatch } from '../batches/from-data-set';
import { combined, type WeightedLoss } from '../losses/combined';
import { distillation, valueDistance } from '../losses/distillation';
import { teacherOf, type Loss } from '../losses/loss';
import { lossOf } from '../settings/loss-of';
import { cacheIdentity } from './cache-identity';
import { boundHints, hintLosses, hintName, type BoundHint } from './hints';
import { scoresOf } from './named-value';
import { isSameNetwork } from './same-network';
import { RememberedAnswers, type AnswerPlace } from './remembered-answers';
import { openTeacher } from './teacher';
import { inOrder, teacherAnswers } from './teacher-answers';
import { checkAnswers, checkTeacher, valuesASample, type TeacherModel } from './teacher-binding';

/** The word that stands for the model that a recipe began with, where a step names its teacher. */
export const SELF = 'self';

export interface DistillingInputs {
  readonly base: string;
  /** What `self` stands for. */
  readonly original: TeacherModel;
  readonly train: DataSet;
  readonly selection: DataSet;
  readonly job: JobContext;
  /** Whether training changes what the student computes: few bits, zeros or shared values. Then it may teach itself. */
  readonly isChanged?: boolean;
  /** Where answers are kept; left out where there is no place for them. */
  readonly cachePath?: string;
  warn(sentence: string): void;
}

/** A teacher at work: the loss that it gives, and its answers to each batch. */
export interface Distilling {
  readonly loss: Loss;
  /** Its classes for the samples for choosing: what the student is judged by where there are no labels. */
  readonly reference: Int32Array | null;
  /** The same of an output that is no class scores. */
  readonly referenceOutputs: KeptOutputs | null;
  /** Ways in which samples are changed before they repeat; undefined: another in each epoch. */
  readonly variants: number | undefined;
  also(batch: PreparedBatch): Promise<Readonly<Record<string, Tensor>>>;
  /** @param finished whether training came to its end: answers kept on disk are then of no more use */
  close(finished: boolean): Promise<void>;
}

/**
 * Opens the teachers of a step and writes the loss: the labels' part (where there are labels), the teacher's part
 * `T^2 KL` (of outputs that are no class scores: the squared distance), and hints between layers.
 * @throws EdgewiseError `unsupported` where teacher and student take or give different things; `bad-recipe` for a value
 * that one of them does not have
 */
export async function distilling(step: DistilStep, student: Model, inputs: DistillingInputs): Promise<Distilling> {
  const { train, selection, job } = inputs;
  const teachers = await teachersOf(step, inputs);
  await checkItself(teachers, student, inputs);
  const bound = teachers.map((teacher) => ({ ...teacher, batch: checkTeacher(teacher, student) }));
  const [first] = teachers;
  const hints = first ? boundHints(step, first, student) : [];
  const isClassifier = givesClasses(step, student, train);
  const teacher = await openTeacher(bound, {
    ...{ hints: hints.map((each) => each.teacher), job },
    temperature: isClassifier ? step.temperature : null,
    ...(step.threads === undefined ? {} : { threads: step.threads }),
  });
  try {
    const remembered = new RememberedAnswers(teacher, await placeOf(step, teachers, hints, inputs));
    const output = isClassifier ? scoresOf(student) : (student.graph.outputs[0]?.name ?? '');
    const values = valuesASample(student, output);
    const judged = selection.labels === null && selection.targets === undefined;
    const answers = judged ? await teacherAnswers(teacher, student, selection, job) : null;
    return {
      loss: await lossFrom(step, isClassifier, output, hints, train),
      reference: isClassifier ? (answers?.reference ?? null) : null,
      referenceOutputs: answers?.outputs ?? null,
      variants: step.variants,
      also: (batch) => fedAnswers(remembered, batch, student, { output, values, file: teachers[0]?.file ?? '' }),
      async close(finished) {
        remembered.close(finished && step.answers !== 'keep');
        await teacher.close();
      },
    };
  } catch (error) {
    await teacher.close();
    throw error;
  }
}

/** A network that stands still learns nothing from itself; with labels it does, from these. */
async function checkItself(
  teachers: readonly TeacherModel[],
  student: Model,
  { train, isChanged = false, warn }: DistillingInputs,
): Promise<void> {
  const [teacher] = teachers;
  if (isChanged || !teacher || teachers.length > 1 || !(await isSameNetwork(teacher.model, student))) return;
  const itself = `The teacher "${teacher.file}" is the student itself`;
  if (train.labels === null && train.targets === undefined)
    throw new EdgewiseError(
      'bad-recipe',
      `${itself}, and without labels there is nothing else to learn. Name another teacher, or make the student smaller first: with quantize, sparsity or a student step.`,
      { file: teacher.file },
    );
  warn(`${itself}: what is new comes from the labels alone.`);
}

async function teachersOf({ teacher }: DistilStep, { base, original }: DistillingInputs): Promise<TeacherModel[]> {
  const files = typeof teacher === 'string' ? [teacher] : teacher;
  const models: TeacherModel[] = [];
  for (const file of files)
    models.push(
      file === SELF ? original : { model: await readModel(path.resolve(base, file)), file: path.basename(file) },
    );
  return models;
}

/** Labels or a loss of classes say so; without both, an output that is one row of numbers is taken for class scores. */
function givesClasses({ loss }: DistilStep, student: Model, train: DataSet): boolean {
  if (loss === 'cross-entropy' || train.labels !== null) return true;
  if (loss !== undefined || train.targets !== undefined) return false;
  const shape = student.graph.outputs[0]?.type.shape?.slice(1) ?? [];
  return shape.filter((length) => length !== 1).length === 1;
}

async function lossFrom(
  step: DistilStep,
  isClassifier: boolean,
  output: string,
  hints: readonly BoundHint[],
  train: DataSet,
): Promise<Loss> {
  const hasAnswers = train.labels !== null || train.targets !== undefined;
  const share = hasAnswers ? step.distillation : 1;
  const learned = isClassifier ? distillation(output, step.temperature) : valueDistance(output);
  const parts: WeightedLoss[] = [{ loss: learned, weight: share }];
  if (share < 1) parts.push({ loss: await lossOf(step, train, noGraph), weight: 1 - share });
  return combined([...parts, ...hintLosses(hints, randomNumbers(step.seed))]);
}

function noGraph(): Promise<Model> {
  throw new EdgewiseError('bad-recipe', 'A loss that is a graph goes with train, not with distil.');
}

/** Answers can be kept where a sample looks the same again: unchanged, or changed in a number of ways, and never mixed. */
async function placeOf(
  step: DistilStep,
  teachers: readonly TeacherModel[],
  hints: readonly BoundHint[],
  { train, cachePath, warn }: DistillingInputs,
): Promise<AnswerPlace | null> {
  const { augment, answers, variants, temperature, seed } = step;
  const isChanged =
    augment !== undefined && Object.values(augment).some((each) => each !== undefined && each !== false);
  const repeats = !isChanged || (variants !== undefined && augment.mixup === undefined);
  if (cachePath === undefined || answers === 'ask' || !repeats) return null;
  const asked = [hints.map(({ teacher }) => teacher), teachers.length > 1 ? temperature : null];
  const identity = await cacheIdentity(teachers, train, isChanged ? [...asked, augment, seed, variants] : asked);
  return { path: cachePath, identity, samples: train.length, variants: isChanged ? (variants ?? 1) : 1, warn };
}

/** The teacher is shown what the student is shown. */
async function fedAnswers(
  remembered: RememberedAnswers,
  batch: PreparedBatch,
  student: Model,
  { output, values, file }: { readonly output: string; readonly values: number | null; readonly file: string },
): Promise<Record<string, Tensor>> {
  const { output: scores, hints } = await remembered.answers(batch, inOrder(student, batch.inputs));
  checkAnswers(scores, values, file);
  return Object.fromEntries([
    [teacherOf(output), scores],
    ...hints.map((tensor, index) => [teacherOf(hintName(index)), tensor] as const),
  ]);
}
