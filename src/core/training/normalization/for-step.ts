import { layersOf } from '../../analysis/layers';
import { EdgewiseError } from '../../errors';
import { quoted } from '../../formats/file-errors';
import type { Model } from '../../model/model';
import { layersNamed } from '../../recipe/layer-patterns';
import type { TrainStep } from '../../recipe/train.schema';
import { learningWeights } from '../settings/learning-weights';
import { NOTHING_HELD, type HeldForms } from '../standing-weights';
import { insertNormalization, type InsertedNormalization } from './insert-normalization';
import type { StatisticsContext } from './output-statistics';

export interface ForStep extends StatisticsContext {
  /** Gets sentences for the report. */
  readonly warn: (sentence: string) => void;
  /** What earlier steps have made of weights. Default: nothing. */
  readonly held?: HeldForms;
}

/**
 * The model with the normalizations that a step asks for; null where it asks for none, and where none has a place.
 * @param model operator set 13 or later
 * @throws EdgewiseError `bad-recipe` beside what would not survive folding them in
 */
export async function insertedForStep(
  model: Model,
  step: TrainStep,
  { warn, held = NOTHING_HELD, ...context }: ForStep,
): Promise<InsertedNormalization | null> {
  if (step.normalization !== 'inserted') return null;
  const { file } = context;
  refuseWhatFoldingUndoes(step, held, file);
  const layers = layersOf(model).map(({ name, node }) => ({ name, operator: node.opType }));
  const { learned } = learningWeights(model, step, layersNamed(step.freeze, layers, file), file);
  const learns = new Set(learned.map(({ name }) => name));
  const inserted = await insertNormalization({ ...context, model, learns, seed: step.seed });
  warn(
    inserted
      ? `Batch normalization stood behind ${inserted.sites.length} convolutions of ${quoted(file)} while it learned, and was folded in afterwards.`
      : `No convolution of ${quoted(file)} takes batch normalization in: one needs a bias, and weights of its own that learn. It was trained without.`,
  );
  return inserted;
}

/** Folding multiplies each channel by a number of its own. */
function refuseWhatFoldingUndoes({ cluster, sparsity, quantize }: TrainStep, held: HeldForms, file: string): void {
  if (quantize && quantize.activations !== 'float32') return;
  const isSparse = sparsity !== undefined || held.zeros.size > 0;
  const isShared = cluster !== undefined || held.shared.size > 0;
  const what = isShared ? 'shared values' : quantize?.weights ? (isSparse ? 'sparse weights of few bits' : null) : null;
  if (what === null) return;
  throw new EdgewiseError(
    'bad-recipe',
    `${quoted(file)} was to learn ${what} with normalization: inserted, which gives each channel another size in the end. Use normalization: training.`,
    { file },
  );
}
