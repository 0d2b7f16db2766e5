import { createHash } from 'node:crypto';
import { searchEncodings, type SearchResult } from '../compression/search';
import { EdgewiseError } from '../errors';
import type { DataSet, Roles } from '../evaluation/data';
import type { CompressionInputs } from './carry-out';
import { judgedOn } from './measured-models';
import type { Preparation } from './preparation';
import { quantizeSchema, type QuantizeStep, type Recipe, type RepairName } from './recipe.schema';
import { resumeFile } from './resume-file';
import { fittedStep, searchBuilder } from './search-builder';
import { profileOf } from './target-profiles';

/** A recipe whose steps were found. */
export interface FoundSteps {
  readonly recipe: Recipe;
  readonly result: SearchResult;
}

/**
 * Finds the steps of a recipe that only has a target: the smallest file within a drop, or the best within a size.
 * @throws EdgewiseError `unsupported` where nothing makes the model smaller, `usage` without samples to choose on
 */
export async function searchSteps(
  preparation: Preparation,
  roles: Roles | null,
  inputs: CompressionInputs,
): Promise<FoundSteps> {
  const { model, file, recipe, summary } = preparation;
  const { maxDrop, maxSize } = recipe.target ?? {};
  const step = firstStep(recipe);
  const path = await resumeFile(inputs.sourceHash, 'search.json');
  const purpose = purposeOf(recipe, inputs.sourceHash);
  const result = await searchEncodings({
    model,
    file,
    bytes: summary.bytes,
    step,
    target: { ...(maxDrop === undefined ? {} : { maxDrop }), ...(maxSize === undefined ? {} : { maxSize }) },
    selection: selectionOf(roles, file),
    ...(roles?.test && judgedOn(roles.test) !== null ? { unseen: roles.test } : {}),
    repairs: inputs.calibration === null ? [] : REPAIRS_TRIED,
    builder: searchBuilder(preparation, inputs, step.store),
    job: inputs.job,
    ...(path === undefined ? {} : { state: { path, purpose } }),
  });
  if (result.step === null)
    throw new EdgewiseError(
      'unsupported',
      result.closest ?? `Nothing that was tried makes "${file}" smaller. Leave the model as it is.`,
      { file },
    );
  for (const note of result.notes) inputs.warn(note);
  if (result.closest !== null) inputs.warn(result.closest);
  if (choosesOnTraining(recipe)) inputs.warn(TRAINED_ON);
  return { recipe: { ...recipe, steps: [{ quantize: result.step }] }, result };
}

const TRAINED_ON =
  'Encodings were chosen on training samples, of which a network is surer than of others: it can lose more on the test than it did there. Samples that it was not trained on, given with --calibration, tell better.';

function choosesOnTraining({ data }: Recipe): boolean {
  return data?.train !== undefined && data.calibration === undefined && data.all === undefined;
}

/** What wins most of the accuracy back that few bits lose; other passes add little to it. */
const REPAIRS_TRIED: readonly RepairName[] = ['adaptive-rounding'];

/** What is not searched for: what the place takes. */
function firstStep(recipe: Recipe): QuantizeStep {
  const runtime = recipe.target?.runtime;
  const integers = runtime !== undefined && profileOf(runtime).integersOnly;
  const step = quantizeSchema.parse({ weights: 'int8', activations: integers ? 'uint8' : 'float32' });
  return fittedStep(recipe, step) ?? step;
}

/** Samples that are neither those of the test nor needed to know their answers. */
function selectionOf(roles: Roles | null, file: string): DataSet {
  const set = roles?.selection ?? roles?.calibration;
  if (set) return set;
  throw new EdgewiseError(
    'usage',
    `Searching the encodings of ${file} needs samples to choose on, and the data have none but those of the test. Give more.`,
  );
}

/** Measurements are good again for the same model, data and place. */
function purposeOf({ data, target }: Recipe, sourceHash: string): string {
  const { runtime } = target ?? {};
  return createHash('sha256').update(JSON.stringify({ sourceHash, data, runtime })).digest('hex');
}
