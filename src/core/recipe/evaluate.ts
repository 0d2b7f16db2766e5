import path from 'node:path';
import { summarize } from '../analysis/summary';
import { EdgewiseError } from '../errors';
import { openRoles } from '../evaluation/data';
import { measure } from '../evaluation/measure';
import type { Measurement } from '../evaluation/measurement.schema';
import { readModel } from '../formats';
import { quoted } from '../formats/file-errors';
import type { JobContext } from '../progress';
import { judgedOn, withReason } from './measured-models';
import { markNearChance } from './near-chance';
import type { EvaluateRequest } from './request';

/**
 * Measures one model on data: the test set of the section, or its only set, whole.
 * @throws EdgewiseError `usage` without data, and what reading or running says
 */
export async function evaluateModel(request: EvaluateRequest, context: JobContext): Promise<Measurement> {
  const { model: file, data, base } = request;
  if (data.test === undefined && data.all === undefined)
    throw new EdgewiseError('usage', `Say what to measure ${quoted(file)} on: data with a test set.`);
  const summary = summarize(await readModel(file));
  const roles = await openRoles(data, base, summary.inputs, { whole: true, model: quoted(file) });
  try {
    const request = { facts: summary, test: judgedOn(roles.test), context };
    const { measurement, classes } = await measure(path.resolve(file), request);
    return markNearChance(withReason(measurement, roles.test), classes);
  } finally {
    await roles.close();
  }
}
