import { EdgewiseError } from '../../errors';
import type { DataSet } from '../../evaluation/data';
import { LABELS, MIXED_LABELS, targetOf } from '../losses/loss';
import type { Augment } from './augmentation';

/** Targets of so many dimensions are pictures, maps or boxes: they would have to move as the picture does. */
const PLACED_DIMENSIONS = 2;

/** @throws EdgewiseError `bad-recipe` for changes to samples that their labels or targets would not follow */
export function checkAugment(
  { flip, shift, crop, mixup }: Augment,
  { targets, source }: DataSet,
  fed: readonly string[],
): void {
  if (mixup !== undefined && fed.includes(LABELS) && !fed.includes(MIXED_LABELS))
    throw new EdgewiseError(
      'bad-recipe',
      'augment.mixup mixes labels too, which this loss does not take. Use cross-entropy, or a graph with inputs mixed_labels and share.',
    );
  const moves = flip === true || (shift ?? 0) > 0 || (crop ?? 1) < 1;
  const placed = targets?.names.find(
    (name) => fed.includes(targetOf(name)) && (targets.shapeOf(name)?.length ?? 0) >= PLACED_DIMENSIONS,
  );
  if (moves && placed !== undefined)
    throw new EdgewiseError(
      'bad-recipe',
      `augment moves pixels, and ${targetOf(placed)} of "${source}" says where things are. Leave flip, shift and crop out.`,
      { file: source },
    );
}
