import path from 'node:path';
import { summarize } from '../analysis/summary';
import { EdgewiseError } from '../errors';
import { openRoles, type DataSet, type Roles } from '../evaluation/data';
import { measure } from '../evaluation/measure';
import { firstSamples } from '../evaluation/data/first-samples';
import { readModel } from '../formats';
import { quoted } from '../formats/file-errors';
import type { JobContext } from '../progress';
import { judgedOn } from './measured-models';
import { isNearChance } from './near-chance';
import type { DataSection } from './recipe.schema';

/** Enough to tell right preprocessing from wrong, and quick. */
const LOOKED_AT = 200;

export interface CheckDataRequest {
  /** Absolute path. */
  model: string;
  data: DataSection;
  /** The folder that the data's paths are relative to. */
  base: string;
}

/** What a user should know of data before work is started on them. */
export interface DataCheck {
  samples: { calibration: number; test: number };
  labelled: boolean;
  /** Of a few samples that are not of the test set, 0..1; null without labels, and for models that are no classifiers. */
  accuracy: number | null;
  /** How the roles were chosen, in a sentence. */
  split: string;
  warnings: string[];
  /** The model does no better than guessing: its preprocessing can be looked for. */
  guessing: boolean;
}

/**
 * Opens data for a model and looks at a few samples: shapes, labels, and whether the model does better than guessing.
 * @throws EdgewiseError `bad-data`, `not-found`, … naming the file and what is wrong
 */
export async function checkData(request: CheckDataRequest, context: JobContext): Promise<DataCheck> {
  const model = await readModel(request.model);
  const summary = summarize(model);
  const options = { model: quoted(request.model), metadata: model.metadata };
  const roles = await openRoles(request.data, request.base, summary.inputs, options);
  try {
    return await lookAt(request.model, summary, roles, context);
  } finally {
    await roles.close();
  }
}

async function lookAt(
  model: string,
  summary: ReturnType<typeof summarize>,
  roles: Roles,
  context: JobContext,
): Promise<DataCheck> {
  const set = roles.selection ?? roles.calibration ?? roles.test;
  if (set === null) throw new EdgewiseError('usage', `Name data for ${quoted(model)}: none was given.`);
  const looked: DataSet = firstSamples(set, LOOKED_AT);
  const { measurement, classes } = await measure(path.resolve(model), {
    facts: summary,
    test: judgedOn(looked),
    context,
    latency: false,
  });
  const guessing = classes !== null && isNearChance(measurement, classes);
  return {
    samples: { calibration: roles.calibration?.length ?? 0, test: roles.test?.length ?? 0 },
    labelled: looked.labels !== null,
    accuracy: measurement.metric === 'accuracy' ? measurement.value : null,
    split: roles.splits.join(' '),
    guessing,
    warnings: [
      ...roles.notes,
      ...(guessing
        ? ['The model answers no better than guessing on these samples: wrong normalization or labels?']
        : []),
    ],
  };
}
