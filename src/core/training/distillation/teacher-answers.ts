import { topOne } from '../../evaluation/class-scores';
import { positionsInBatches } from '../../evaluation/batching';
import { throwIfCancelled } from '../../progress';
import type { DistillingInputs } from './distilling';
import type { Teacher } from './teacher';

/** Samples a run: as many as are hardly faster when there are more. */
const SAMPLES = 32;

/** The class that a teacher gives each sample for choosing. */
export async function teacherAnswers(
  teacher: Teacher,
  output: string,
  { selection, job }: DistillingInputs,
): Promise<Int32Array> {
  const answers = new Int32Array(selection.length);
  for (const positions of positionsInBatches(selection.length, SAMPLES)) {
    throwIfCancelled(job.signal);
    const { inputs } = await selection.batch(positions);
    const scores = (await teacher.answers(Object.values(inputs)))[output];
    if (scores) answers.set(topOne(scores), positions[0]);
  }
  return answers;
}
