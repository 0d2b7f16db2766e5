import path from 'node:path';
import { summarize } from '../analysis/summary';
import type { ModelSummary } from '../analysis/summary.schema';
import { EdgewiseError } from '../errors';
import { readModel } from '../formats';
import { checkSpace } from '../formats/atomic-file';
import type { Model } from '../model/model';
import { orList } from './allowed';
import { lookAtCompressed } from './already-compressed';
import { checkOutput, chooseOutput, reportBeside } from './output-name';
import { layersNamed } from './layer-patterns';
import { passOf } from './passes';
import type { QuantizeStep, Recipe } from './recipe.schema';
import { quantizeSteps, trainSteps } from './step-kinds';
import type { CompressRequest } from './request';
import { hungryRepairs } from './repair-step';
import { checkStep } from './step-check';
import { checkOrder } from './step-order';
import { fitToTarget } from './target-profiles';

/** A job that may begin: everything that can be refused without running anything was looked at. */
export interface Preparation {
  readonly model: Model;
  readonly summary: ModelSummary;
  /** What sentences call the model. */
  readonly file: string;
  /** As the place that it is for can run it. */
  readonly recipe: Recipe;
  /** What had to be changed for that, and what was found, in sentences for the report. */
  readonly remarks: readonly string[];
  /** Absolute paths. */
  readonly output: string;
  readonly report: string;
}

/** @throws EdgewiseError what is wrong with model, recipe or output, before any work */
export async function prepareJob(request: CompressRequest): Promise<Preparation> {
  const { overwrite = false } = request;
  const file = path.basename(request.model);
  for (const step of quantizeSteps(request.recipe.steps)) checkStep(step);
  const { recipe, changes } = fitToTarget(request.recipe);
  checkSteps(recipe, file);
  checkOrder(recipe.steps, file);
  const model = await readModel(request.model);
  const summary = summarize(model);
  refuseWeightless(summary, file);
  const compressed = lookAtCompressed(summary, file, recipe);
  checkLayers(recipe, summary, file);
  const output = await chooseOutput(request.model, recipe, request.output, overwrite);
  checkOutput(
    output,
    model.files.map((one) => one.path),
  );
  await checkSpace(output, leastBytes(recipe, summary));
  const remarks = compressed === null ? changes : [...changes, compressed];
  return { model, summary, file, recipe, remarks, output, report: reportBeside(output) };
}

/**
 * Samples for calibration: the most that a step asks for; undefined where steps are searched for. Training without
 * integers between layers needs none, nor does rounding weights after it: all samples are learned from.
 */
export function calibrationSamples({ steps }: Recipe): number | undefined {
  const trained = trainSteps(steps);
  const isHungry = (step: QuantizeStep): boolean => trained.length === 0 || passOf(step).needsCalibration(step);
  const counts = quantizeSteps(steps)
    .filter(isHungry)
    .map(({ samples }) => samples);
  const isPlain = trained.every(({ quantize }) => quantize === undefined || quantize.activations === 'float32');
  if (counts.length === 0 && trained.length > 0 && isPlain) return 0;
  return counts.length === 0 ? undefined : Math.max(...counts);
}

/** True for a recipe that has a target and leaves it to a search how to meet it. */
export function isSearched({ steps, target }: Recipe): boolean {
  return steps.length === 0 && (target?.maxDrop !== undefined || target?.maxSize !== undefined);
}

function checkSteps(recipe: Recipe, file: string): void {
  const { steps, data } = recipe;
  if (steps.length === 0 && !isSearched(recipe))
    throw new EdgewiseError(
      'bad-recipe',
      `The recipe for ${file} has no steps; add one under 'steps:', as in - quantize: { weights: int8 }, or a target that a search meets, as in target: { maxDrop: 0.5 }.`,
    );
  const tested = data?.test !== undefined || data?.all !== undefined;
  if (recipe.target?.maxDrop !== undefined && !tested)
    throw new EdgewiseError(
      'usage',
      `A limit on lost accuracy needs data to measure it on: give ${file} some with --test or --data.`,
    );
  if (isSearched(recipe) && !hasData(recipe))
    throw new EdgewiseError(
      'usage',
      `Searching how to compress ${file} needs samples to compare answers on: give some with --data; labels are not needed. Without data, say how with --weights or --to.`,
    );
  const calibrated = data?.calibration ?? data?.train ?? data?.all;
  const hungry = quantizeSteps(steps).find((step) => passOf(step).needsCalibration(step));
  if (calibrated === undefined && hungry !== undefined)
    throw new EdgewiseError(
      'usage',
      hungry.activations === 'float32'
        ? `Repairing ${file} with ${orList(hungryRepairs(hungry))} needs samples for calibration: give some with --calibration or --data; labels are not needed.`
        : `Quantizing activations of ${file} needs samples for calibration: give some with --calibration or --data, or use --to int8-weights, which needs none.`,
    );
}

function hasData({ data }: Recipe): boolean {
  return [data?.all, data?.train, data?.calibration, data?.test].some((source) => source !== undefined);
}

const BITS = {
  float32: 32,
  float16: 16,
  bfloat16: 16,
  int8: 8,
  int6: 6,
  int5: 5,
  int4: 4,
  int3: 3,
  int2: 2,
  int1: 1,
} as const satisfies Record<QuantizeStep['weights'], number>;

/** What the result takes in any case: work that cannot be written is not begun. */
function leastBytes({ steps }: Recipe, { parameters }: ModelSummary): number {
  const least = quantizeSteps(steps).map(({ weights, sparsity = 0 }) => (BITS[weights] / 8) * (1 - sparsity));
  if (least.length < steps.length || least.length === 0) return 0;
  return Math.floor(parameters * Math.min(...least));
}

function refuseWeightless({ parameters, buffers }: ModelSummary, file: string): void {
  if (parameters + buffers > 0) return;
  throw new EdgewiseError(
    'unsupported',
    `"${file}" has no weights, so there is nothing to compress. Check that it is the model you meant.`,
    { file },
  );
}

/** A layer that is named and is not there is a slip. */
function checkLayers({ steps }: Recipe, { layers }: ModelSummary, file: string): void {
  const patterns = quantizeSteps(steps).flatMap(({ keep, overrides = [] }) => [
    ...keep,
    ...overrides.flatMap((override) => override.layers),
  ]);
  layersNamed(patterns, layers, file);
}
