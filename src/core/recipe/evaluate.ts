import path from 'node:path';
import { summarize } from '../analysis/summary';
import { EdgewiseError } from '../errors';
import { openRoles } from '../evaluation/data';
import { preprocessingHint } from '../evaluation/data/preprocessing/hint';
import { measure } from '../evaluation/measure';
import type { Measurement } from '../evaluation/measurement.schema';
import { metricFromModule } from '../evaluation/metrics/from-module';
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
  const read = await readModel(file);
  const summary = summarize(read);
  const options = { whole: true, model: quoted(file), metadata: read.metadata };
  const roles = await openRoles(data, base, summary.inputs, options);
  try {
    const extra = await Promise.all((request.metrics ?? []).map(metricFromModule));
    const measuring = { facts: summary, test: judgedOn(roles.test), extra, context };
    const { measurement, classes } = await measure(path.resolve(file), measuring);
    const marked = markNearChance(withReason(measurement, roles.test), classes);
    if (classes === null || measurement.metric !== 'accuracy' || measurement.value === null) return marked;
    const measured = { accuracy: measurement.value, classes };
    const hint = await preprocessingHint(path.resolve(file), data, base, measured, context);
    return hint === null ? marked : { ...marked, reason: `${marked.reason ?? ''} ${hint}`.trim() };
  } finally {
    await roles.close();
  }
}
