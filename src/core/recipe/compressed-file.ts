import { nameLayersAfter } from '../analysis/layers';
import { summarize } from '../analysis/summary';
import type { ModelSummary } from '../analysis/summary.schema';
import { withShortNames } from '../compression/graph/short-names';
import { EdgewiseError } from '../errors';
import { bytesText } from '../evaluation/report/figures';
import { formatOf, readModel } from '../formats';
import type { Model } from '../model/model';
import { carryOut, type CompressionInputs } from './carry-out';
import type { Preparation } from './preparation';
import { compresses } from './step-kinds';
import { nearestChoice } from './nearest-choice';
import type { Staging } from './staging';

/** A compressed model as it lies on the disk, read back. */
export interface CompressedFile {
  readonly model: Model;
  readonly summary: ModelSummary;
  /** The model whose weights were rounded: the original, or what folding made of it. */
  readonly reference: Model;
  /** Under the staging folder; the model file first. */
  readonly paths: readonly string[];
}

/**
 * Runs a recipe's steps, writes the result into the staging folder, and reads back what was written.
 * @throws EdgewiseError what a pass refuses; `unsupported` when the result would not be smaller
 */
export async function compressInto(
  staging: Staging,
  preparation: Preparation,
  inputs: CompressionInputs,
): Promise<CompressedFile> {
  const { model, summary, output, recipe } = preparation;
  return carryOut(preparation, inputs, async (result, reference) => {
    const named = recipe.shortNames === true ? shortened(result) : result;
    const written = await formatOf(model.format).write(named, staging.pathOf(output), {
      context: inputs.job,
      publishedAs: output,
    });
    if (recipe.steps.some(compresses) && written.bytes >= summary.bytes) throw notSmaller(preparation, written.bytes);
    return readBack(written.paths, reference, result, recipe.shortNames === true);
  });
}

/** Texts that people and programs ask for stay. */
function shortened(model: Model): Model {
  return { ...withShortNames(model), metadata: model.metadata };
}

/** @param result what was written: what its layers are called, whatever names the file has */
async function readBack(
  paths: readonly string[],
  reference: Model,
  result: Model,
  shortNames: boolean,
): Promise<CompressedFile> {
  const [main] = paths;
  if (main === undefined) throw new EdgewiseError('internal', 'Nothing was written.');
  const model = await readModel(main);
  if (shortNames) nameLayersAfter(model, result);
  return { model, summary: summarize(model), paths, reference };
}

function notSmaller({ file, summary, recipe }: Preparation, after: number): EdgewiseError {
  const nearest = nearestChoice(summary, recipe);
  const offer = nearest === null ? 'leave the model as it is' : `try ${nearest}`;
  return new EdgewiseError(
    'unsupported',
    `"${file}" would not become smaller this way (${bytesText(summary.bytes)} to ${bytesText(after)}): its weights are small beside what is stored with them, or are needed as they were, too. Nothing was written; ${offer}.`,
    { file },
  );
}
