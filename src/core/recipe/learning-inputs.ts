import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { DataSet } from '../evaluation/data';
import { trainingFigures } from '../evaluation/report/training';
import type { Report } from '../evaluation/report.schema';
import type { TrainingControl, TrainingEvent } from '../training/trainer/plan';
import type { Recipe } from './recipe.schema';
import { resumeFile } from './resume-file';
import { trainSteps } from './step-kinds';
import type { LearningInputs } from './train-pass';

export interface LearningRequest {
  readonly data: DataSet;
  readonly opening: NonNullable<LearningInputs['opening']>;
  readonly recipe: Recipe;
  readonly base: string;
  readonly sourceHash: string;
  readonly control?: TrainingControl;
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly provider?: string;
}

/** What training steps of a recipe work with. A checkpoint is of this model, these steps and these data only. */
export async function learningInputs(request: LearningRequest): Promise<LearningInputs> {
  const { data, opening, recipe, base, sourceHash, control, onEvent, provider } = request;
  const identity = createHash('sha256')
    .update(JSON.stringify([sourceHash, recipe.steps, recipe.data, data.source, data.length]))
    .digest('hex');
  const path = await resumeFile(sourceHash, `training-${identity.slice(0, 8)}`);
  const paths = path === undefined ? [] : trainSteps(recipe.steps).map((_, index) => `${path}-${index + 1}`);
  let figures: Report['training'];
  let trainings = 0;
  return {
    ...{ data, opening, base },
    checkpoint: () => {
      const current = paths[trainings];
      return current === undefined ? null : { path: current, identity };
    },
    finished: async () => {
      for (const file of paths) await rm(file, { force: true });
    },
    ...(control ? { control } : {}),
    ...(onEvent ? { onEvent } : {}),
    ...(provider === undefined ? {} : { provider }),
    ended: (step, trained, samples) => {
      figures = trainingFigures(step, trained, samples);
      trainings += 1;
    },
    figures: () => figures,
  };
}
