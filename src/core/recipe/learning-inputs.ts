import { createHash } from 'node:crypto';
import type { DataSet } from '../evaluation/data';
import { trainingFigures } from '../evaluation/report/training';
import type { Report } from '../evaluation/report.schema';
import type { TrainingControl, TrainingEvent } from '../training/trainer/plan';
import type { Recipe } from './recipe.schema';
import { resumeFile } from './resume-file';
import type { LearningInputs } from './train-pass';

export interface LearningRequest {
  readonly data: DataSet;
  readonly recipe: Recipe;
  readonly base: string;
  readonly sourceHash: string;
  readonly control?: TrainingControl;
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** What training steps of a recipe work with. A checkpoint is of this model, these steps and these data only. */
export async function learningInputs(request: LearningRequest): Promise<LearningInputs> {
  const { data, recipe, base, sourceHash, control, onEvent } = request;
  const identity = createHash('sha256')
    .update(JSON.stringify([sourceHash, recipe.steps, recipe.data, data.source, data.length]))
    .digest('hex');
  const path = await resumeFile(sourceHash, `training-${identity.slice(0, 8)}`);
  let figures: Report['training'];
  return {
    ...{ data, base },
    ...(path === undefined ? {} : { checkpoint: { path, identity } }),
    ...(control ? { control } : {}),
    ...(onEvent ? { onEvent } : {}),
    ended: (step, trained) => {
      figures = trainingFigures(step, trained);
    },
    figures: () => figures,
  };
}
