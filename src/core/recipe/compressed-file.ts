import { summarize } from '../analysis/summary';
import type { ModelSummary } from '../analysis/summary.schema';
import { EdgewiseError } from '../errors';
import type { DataSet } from '../evaluation/data';
import { bytesText } from '../evaluation/report/figures';
import { formatOf, readModel } from '../formats';
import type { Model } from '../model/model';
import { throwIfCancelled, type JobContext } from '../progress';
import { passOf } from './passes';
import type { Preparation } from './preparation';
import { withProvenance } from './provenance';
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

export interface CompressionInputs {
  readonly job: JobContext;
  readonly calibration: DataSet | null;
  readonly sourceHash: string;
  warn(sentence: string): void;
}

/**
 * Runs a recipe's steps, writes the result into the staging folder, and reads back what was written.
 * @throws EdgewiseError what a pass refuses; `unsupported` when the result would not be smaller
 */
export async function compressInto(
  staging: Staging,
  { model, summary, recipe, output, file }: Preparation,
  { job, calibration, sourceHash, warn }: CompressionInputs,
): Promise<CompressedFile> {
  const closers: (() => Promise<void>)[] = [];
  const context = { job, calibration, warn, file, whenWritten: (close: () => Promise<void>) => closers.push(close) };
  try {
    let result = model;
    let reference: Model | undefined;
    for (const step of recipe.steps) {
      throwIfCancelled(job.signal);
      const done = await passOf(step).run(result, step.quantize, context);
      result = done.model;
      // What a later step rounds was rounded before: errors count from the beginning.
      reference ??= done.reference;
    }
    const stamped = withProvenance(result, recipe, sourceHash);
    const written = await formatOf(model.format).write(stamped, staging.pathOf(output), { context: job });
    if (written.bytes >= summary.bytes) throw notSmaller(file, summary.bytes, written.bytes);
    return await readBack(written.paths, reference ?? model);
  } finally {
    for (const close of closers) await close();
  }
}

async function readBack(paths: readonly string[], reference: Model): Promise<CompressedFile> {
  const [main] = paths;
  if (main === undefined) throw new EdgewiseError('internal', 'Nothing was written.');
  const model = await readModel(main);
  return { model, summary: summarize(model), paths, reference };
}

function notSmaller(file: string, before: number, after: number): EdgewiseError {
  return new EdgewiseError(
    'unsupported',
    `"${file}" would not become smaller this way (${bytesText(before)} to ${bytesText(after)}): its weights are small beside what is stored with them, or are needed as they were, too. Nothing was written; leave the model as it is, or use another technique.`,
    { file },
  );
}
