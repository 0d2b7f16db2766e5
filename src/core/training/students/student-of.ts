import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { StudentStep } from '../../recipe/student.schema';
import { lowRank } from './low-rank';
import { narrower } from './narrower';
import { shallower } from './shallower';
import { withSharedWeights } from './shared-weights';

/** Names of files in sentences. */
export interface StudentContext {
  readonly job: JobContext;
  /** What sentences call the model. */
  readonly file: string;
}

/**
 * A smaller network made of a model, which begins with what it takes from it: blocks left out first, then channels, then
 * ranks, then weights shared by the layers that are left. Names stay where layers do.
 * @param model of float32 weights
 * @throws EdgewiseError `unsupported` where nothing can be made smaller in the way that is asked for
 */
export async function studentOf(model: Model, step: StudentStep, { job, file }: StudentContext): Promise<Model> {
  let student = model;
  if (step.depth !== undefined) student = shallower(student, step.depth, file);
  if (step.width !== undefined) student = await narrower(student, step.width, file);
  if (step.rank !== undefined) student = await lowRank(student, { rank: step.rank }, job);
  if (step.share) student = withSharedWeights(student, file);
  return student;
}
