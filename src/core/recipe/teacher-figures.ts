import path from 'node:path';
import { summarize } from '../analysis/summary';
import type { DataSet } from '../evaluation/data';
import { measure, type Measured } from '../evaluation/measure';
import type { Report } from '../evaluation/report.schema';
import { readModel } from '../formats';
import type { JobContext } from '../progress';
import { SELF } from '../training/distillation/distilling';
import { judgedOn } from './measured-models';
import type { Recipe } from './recipe.schema';
import type { CompressRequest } from './request';

interface Given {
  readonly request: CompressRequest;
  readonly test: DataSet | null;
  readonly original: Measured;
}

/**
 * Teachers of a recipe on the test set of the report, after everything has been chosen. The original is measured anyway,
 * and left out; undefined where nobody else teaches.
 * @throws EdgewiseError what reading and measuring throw
 */
export async function teacherFigures(
  recipe: Recipe,
  { request, test, original }: Given,
  context: JobContext,
): Promise<Report['teachers']> {
  const named = recipe.steps.flatMap(({ distil }) => distil?.teacher ?? []);
  const files = new Set(named.filter((name) => name !== SELF).map((name) => path.resolve(request.base, name)));
  files.delete(path.resolve(request.model));
  const teachers: NonNullable<Report['teachers']> = [];
  for (const file of files) teachers.push(await figuresOf(file, judgedOn(test), original, context));
  return teachers.length === 0 ? undefined : teachers;
}

async function figuresOf(
  file: string,
  test: DataSet | null,
  original: Measured,
  context: JobContext,
): Promise<NonNullable<Report['teachers']>[number]> {
  const facts = summarize(await readModel(file));
  const { measurement } = await measure(file, {
    ...{ facts, test, context, footprint: false, latency: false },
    reference: original.answers,
    referenceOutputs: original.outputs,
  });
  const { value, parameters, bytes } = measurement;
  return { name: path.basename(file), value, parameters, bytes };
}
