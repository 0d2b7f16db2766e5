import { topOne } from '../../evaluation/class-scores';
import { positionsInBatches } from '../../evaluation/batching';
import { OutputKeeper, type KeptOutputs } from '../../evaluation/kept-outputs';
import type { DataSet } from '../../evaluation/data';
import type { Model } from '../../model/model';
import { throwIfCancelled, type JobContext } from '../../progress';
import type { Tensor } from '../../runtime/tensor';
import { fedInputs } from './teacher-binding';
import type { Teacher } from './teacher';

/** Samples a run: as many as are hardly faster when there are more. */
const SAMPLES = 32;

/** A teacher's answers to the samples for choosing: what a student is judged by where there are no labels. */
export interface SelectionAnswers {
  /** The class of each sample. */
  readonly reference: Int32Array;
  /** The first output's values, under the student's name for it. */
  readonly outputs: KeptOutputs | null;
}

/** @param student whose inputs and output the answers are bound to */
export async function teacherAnswers(
  teacher: Teacher,
  student: Model,
  selection: DataSet,
  job: JobContext,
): Promise<SelectionAnswers> {
  const reference = new Int32Array(selection.length);
  const keeper = new OutputKeeper(selection.length);
  const output = student.graph.outputs[0]?.name ?? '';
  for (const positions of positionsInBatches(selection.length, SAMPLES)) {
    throwIfCancelled(job.signal);
    const { inputs } = await selection.batch(positions);
    const { output: scores } = await teacher.answers(inOrder(student, inputs));
    reference.set(topOne(scores), positions[0]);
    const values = Float64Array.from(scores.data, Number);
    const size = values.length / positions.length;
    keeper.add({ [output]: { size, shape: [positions.length, size], values } }, positions.length);
  }
  return { reference, outputs: keeper.kept() };
}

/** A batch in the order of a model's inputs. */
export const inOrder = (student: Model, inputs: Readonly<Record<string, Tensor>>): Tensor[] =>
  fedInputs(student).flatMap(({ name }) => inputs[name] ?? []);
