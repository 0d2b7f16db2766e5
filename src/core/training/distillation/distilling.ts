import path from 'node:path';
import { inferShapes } from '../../analysis/shapes';
import { EdgewiseError } from '../../errors';
import type { DataSet } from '../../evaluation/data';
import { randomNumbers } from '../../evaluation/data/split';
import { readModel } from '../../formats';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { DistilStep } from '../../recipe/train.schema';
import type { Tensor } from '../../runtime/tensor';
import { teacherAnswers } from './teacher-answers';
import type { PreparedBatch } from '../batches/from-data-set';
import { combined, type WeightedLoss } from '../losses/combined';
import { attentionTransfer, distillation, hint } from '../losses/distillation';
import { teacherOf, type Loss } from '../losses/loss';
import { batchDims } from '../model-inputs';
import { lossOf } from '../settings/loss-of';
import { openTeacher, type Teacher, type TeacherModel } from './teacher';

export interface DistillingInputs {
  readonly base: string;
  readonly train: DataSet;
  readonly selection: DataSet;
  readonly job: JobContext;
}

/** A teacher at work: the loss that it gives, and its answers to each batch. */
export interface Distilling {
  readonly loss: Loss;
  /** Its answers to the samples for choosing: what the student is judged by where there are no labels. */
  readonly reference: Int32Array | null;
  also(batch: PreparedBatch): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

/**
 * Opens the teachers of a step and writes the loss: the labels' part (where there are labels), the teacher's part
 * `T^2 KL`, and hints between layers.
 * @throws EdgewiseError `unsupported` where teacher and student answer in different shapes
 */
export async function distilling(step: DistilStep, student: Model, inputs: DistillingInputs): Promise<Distilling> {
  const teachers = await teachersOf(step, inputs.base);
  const output = student.graph.outputs[0]?.name ?? '';
  const ownOutput = teachers[0]?.model.graph.outputs[0]?.name ?? '';
  for (const teacher of teachers) checkAnswers(teacher, student);
  const wanted = [...new Set([ownOutput, ...step.hints.map(({ teacher }) => teacher)])];
  const teacher = await openTeacher(teachers, wanted, step.threads);
  try {
    return {
      loss: await lossFrom(step, output, teachers, inputs),
      reference: inputs.selection.labels === null ? await teacherAnswers(teacher, ownOutput, inputs) : null,
      also: (batch) => answersTo(teacher, batch, student, { output, ownOutput }),
      close: () => teacher.close(),
    };
  } catch (error) {
    await teacher.close();
    throw error;
  }
}

async function teachersOf({ teacher }: DistilStep, base: string): Promise<TeacherModel[]> {
  const files = typeof teacher === 'string' ? [teacher] : teacher;
  const models: TeacherModel[] = [];
  for (const file of files)
    models.push({ model: await readModel(path.resolve(base, file)), file: path.basename(file) });
  return models;
}

async function lossFrom(
  step: DistilStep,
  output: string,
  [teacher]: readonly TeacherModel[],
  { train }: DistillingInputs,
): Promise<Loss> {
  const parts: WeightedLoss[] = [{ loss: distillation(output, step.temperature), weight: step.distillation }];
  const labelled = train.labels !== null && step.distillation < 1;
  if (labelled) parts.push({ loss: await lossOf(step, train, noGraph), weight: 1 - step.distillation });
  if (!labelled) parts[0] = { loss: distillation(output, step.temperature), weight: 1 };
  const random = randomNumbers(step.seed);
  const types =
    teacher && step.hints.length > 0 ? inferShapes(teacher.model, batchDims(teacher.model, step.batch)) : null;
  for (const { student, teacher: value, kind, weight } of step.hints) {
    const shape = types?.get(value)?.shape?.map((length) => (typeof length === 'number' ? length : 1)) ?? [];
    const loss =
      kind === 'attention'
        ? attentionTransfer(student, value, shape)
        : hint({ student, teacher: value, teacherShape: shape, random });
    parts.push({ loss, weight });
  }
  return combined(parts);
}

function noGraph(): Promise<Model> {
  throw new EdgewiseError('bad-recipe', 'A loss that is a graph goes with train, not with distil.');
}

/** The teacher is shown what the student is shown. */
async function answersTo(
  teacher: Teacher,
  { inputs }: PreparedBatch,
  student: Model,
  { output, ownOutput }: { readonly output: string; readonly ownOutput: string },
): Promise<Record<string, Tensor>> {
  const given = student.graph.inputs.flatMap(({ name }) => inputs[name] ?? []);
  const answers = await teacher.answers(given);
  return Object.fromEntries(
    Object.entries(answers).map(([name, tensor]) => [teacherOf(name === ownOutput ? output : name), tensor]),
  );
}

function checkAnswers({ model, file }: TeacherModel, student: Model): void {
  const lengths = (each: Model): string | undefined => each.graph.outputs[0]?.type.shape?.slice(1).join(' x ');
  const [theirs, own] = [lengths(model), lengths(student)];
  if (theirs === undefined || own === undefined || theirs === own) return;
  throw new EdgewiseError(
    'unsupported',
    `The teacher "${file}" gives ${theirs} values a sample and the student ${own}. Use a teacher of the same classes.`,
    { file },
  );
}
