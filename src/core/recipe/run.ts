import path from 'node:path';
import type { SearchResult } from '../compression/search';
import { weightErrors } from '../compression/weight-error';
import { openRoles, type Roles } from '../evaluation/data';
import type { Measured } from '../evaluation/measure';
import { activationRanges } from '../evaluation/report/activation-ranges';
import { buildReport } from '../evaluation/report/build';
import { rebaseUsed } from '../evaluation/report/data-used';
import { weightDistributions } from '../evaluation/report/distributions';
import { reportLayers } from '../evaluation/report/layers';
import { otherModels } from '../evaluation/report/others';
import { writeReport } from '../evaluation/report/write';
import type { Report } from '../evaluation/report.schema';
import { readModel } from '../formats';
import { companionsOf, removeCompanions } from '../formats/companions';
import { quoted } from '../formats/file-errors';
import { throwIfCancelled, type JobContext } from '../progress';
import { versions } from '../runtime/versions';
import type { CompressionInputs } from './carry-out';
import { learningInputs } from './learning-inputs';
import { trainSteps } from './step-kinds';
import type { LearningInputs } from './train-pass';
import { compressInto, type CompressedFile } from './compressed-file';
import { compareWithOriginal, measureOriginal, type Comparison } from './measured-models';
import { microFigures } from './micro-figures';
import { teacherFigures } from './teacher-figures';
import { calibrationSamples, isSearched, prepareJob, type Preparation } from './preparation';
import type { CompressOutcome, CompressRequest } from './request';
import { resumeFile } from './resume-file';
import { searchSteps } from './search-steps';
import { checkUnchanged, hashFiles } from './source-hash';
import { Staging } from './staging';
import { checkTarget, missedTarget } from './target-check';
import { placeRemark } from './target-profiles';

/** What one job holds on to. */
interface Job {
  readonly request: CompressRequest;
  readonly context: JobContext;
  readonly preparation: Preparation;
  readonly roles: Roles | null;
  readonly sourceHash: string;
  readonly staging: Staging;
  readonly warnings: string[];
  readonly watch: TrainingWatch;
}

/** Who follows training, and may end it. */
export type TrainingWatch = Pick<LearningInputs, 'control' | 'onEvent' | 'provider'>;

/**
 * Carries out a recipe on a model: measures the original, compresses, measures the result on the same samples, and
 * writes model and report beside the original, which is never touched. Both appear together at the very end; when
 * anything fails, is cancelled or misses its target, nothing appears.
 * @throws EdgewiseError with the file and what to do
 */
export async function compressModel(
  request: CompressRequest,
  context: JobContext,
  watch: TrainingWatch = {},
): Promise<CompressOutcome> {
  const preparation = await prepareJob(request);
  const roles = await rolesOf(request, preparation);
  try {
    const staging = await Staging.beside(preparation.output);
    try {
      const sourceHash = await hashFiles(sourcePaths(preparation), context);
      const warnings = [...(roles?.notes ?? []), ...preparation.remarks, ...remarks(preparation)];
      return await work({ request, context, watch, preparation, roles, sourceHash, staging, warnings });
    } finally {
      await staging.close();
    }
  } finally {
    await roles?.close();
  }
}

async function rolesOf(request: CompressRequest, preparation: Preparation): Promise<Roles | null> {
  const opening = openingOf(request, preparation);
  return opening && openRoles(opening.section, opening.base, opening.inputs, opening.options);
}

/** How the recipe's data are opened; null where it names none. */
function openingOf(
  { recipe, base, model }: CompressRequest,
  { summary, model: read }: Preparation,
): NonNullable<LearningInputs['opening']> | null {
  const { data } = recipe;
  const given = data && [data.all, data.train, data.calibration, data.test].some((source) => source !== undefined);
  if (!given) return null;
  const samples = calibrationSamples(recipe);
  const options = {
    ...(samples === undefined ? {} : { calibrationSamples: samples }),
    ...{ model: quoted(model), metadata: read.metadata, training: trainSteps(recipe.steps).length > 0 },
  };
  return { section: data, base, inputs: summary.inputs, options };
}

async function work(given: Job): Promise<CompressOutcome> {
  const { context, preparation, roles, sourceHash, staging, warnings, request } = given;
  const test = roles?.test ?? null;
  const { data } = request.recipe;
  const declared = data === undefined ? null : { section: data, base: request.base };
  const { recipe: asked } = preparation;
  const isTrained = trainSteps(asked.steps).length > 0;
  const original = await measureOriginal(request.model, preparation.summary, test, context, declared, isTrained);
  const checkpoint = await resumeFile(sourceHash, 'calibration');
  const inputs: CompressionInputs = {
    job: context,
    calibration: roles?.calibration ?? null,
    sourceHash,
    warn: (sentence: string) => warnings.push(sentence),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(isTrained ? await learningOf(given) : {}),
  };
  const found = isSearched(preparation.recipe) ? await searchSteps(preparation, roles, inputs) : null;
  const job = found === null ? given : { ...given, preparation: { ...preparation, recipe: found.recipe } };
  const result = await compressInto(staging, job.preparation, inputs);
  const comparison = await compare(job, original, result);
  const teachers = await teacherFigures(asked, { ...given, test, original }, context);
  const { recipe } = job.preparation;
  const target = checkTarget(recipe, comparison.before, comparison.after, microFigures(recipe, result));
  const kept = target?.met !== false || request.force === true;
  const trained = { training: inputs.learning?.figures(), teachers };
  const report = await reportOf(job, result, comparison, target, kept, found?.result, trained);
  const missed = missedTarget(report);
  const outcome = kept
    ? { ...(await publish(job, result, report)), missed }
    : { report, outputPath: null, reportPath: null, missed };
  await inputs.learning?.finished();
  return outcome;
}

async function learningOf({
  request,
  preparation,
  roles,
  sourceHash,
  watch,
}: Job): Promise<Pick<CompressionInputs, 'learning'>> {
  const opening = openingOf(request, preparation);
  if (!roles?.selection || !opening) return {};
  const { recipe } = preparation;
  return {
    learning: await learningInputs({
      data: roles.selection,
      opening,
      recipe,
      base: request.base,
      sourceHash,
      ...watch,
    }),
  };
}

/** What a reader of the report has to know of the place that the model is for. */
function remarks({ recipe }: Preparation): string[] {
  const runtime = recipe.target?.runtime;
  const remark = runtime === undefined ? null : placeRemark(runtime);
  return remark === null ? [] : [remark];
}

function compare({ request, roles, context }: Job, original: Measured, result: CompressedFile): Promise<Comparison> {
  const file = { file: result.paths[0] ?? '', facts: result.summary };
  return compareWithOriginal(request.model, original, file, roles?.test ?? null, context);
}

async function reportOf(
  job: Job,
  result: CompressedFile,
  comparison: Comparison,
  target: Report['target'],
  kept: boolean,
  found: SearchResult | undefined,
  { training, teachers }: Pick<Report, 'training' | 'teachers'>,
): Promise<Report> {
  const { request, context, preparation, roles, sourceHash, warnings } = job;
  const { summary, output, report, recipe } = preparation;
  const folder = path.dirname(report);
  const data = (roles?.used ?? []).map((used) => rebaseUsed(used, request.base, folder));
  const errors = await weightErrors(result.reference, result.model, context.signal);
  return buildReport({
    ...comparison,
    source: request.model,
    output,
    kept,
    reportPath: report,
    hashes: { source: sourceHash, output: await hashFiles(result.paths, context) },
    target,
    layers: reportLayers(summary, result.summary, errors),
    ...(found === undefined
      ? {}
      : {
          front: found.front,
          frontOriginal: found.original,
        }),
    ...(training === undefined ? {} : { training }),
    ...(teachers === undefined ? {} : { teachers }),
    activations: activationRanges(result.model),
    distributions: await weightDistributions(result.reference, result.model, errors, context.signal),
    others: await otherModels(folder, { sourceHash, before: comparison.before, data }, report),
    data,
    pictures: ((await roles?.test?.picture(0)) ?? null) !== null,
    warnings,
    recipe,
    base: request.base,
    recipeFile: request.recipeFile,
    versions: await versions(),
    outputNamed: request.output !== undefined,
  });
}

/** Model and report get their names together, once the original is known to be what was read. */
async function publish(
  { context, preparation, staging, request }: Job,
  result: CompressedFile,
  report: Report,
): Promise<Omit<CompressOutcome, 'missed'>> {
  await writeReport(staging.pathOf(preparation.report), report);
  await checkUnchanged(preparation.model.files);
  throwIfCancelled(context.signal);
  // What the model needs comes before it, what tells of it after.
  const names = [...result.paths].reverse().map((file) => path.basename(file));
  const overwrite = request.overwrite ?? false;
  const replaced = overwrite ? await companionsOf(preparation.output, readModel) : [];
  await staging.publish([...names, path.basename(preparation.report)], overwrite);
  const published = names.map((name) => path.join(staging.destination, name));
  await removeCompanions(replaced, [...published, ...sourcePaths(preparation)]);
  return { report, outputPath: preparation.output, reportPath: preparation.report };
}

function sourcePaths({ model }: Preparation): string[] {
  return model.files.map((file) => file.path);
}
