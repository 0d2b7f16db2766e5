import { EdgewiseError } from '../../../errors';
import type { JobContext } from '../../../progress';
import type { DataSection } from '../../../recipe/recipe.schema';
import { findPreprocessing } from '../find-preprocessing';

/** A scheme must be right this much more often than guessing before it is worth a sentence. */
const MUCH_MORE = 3;

/**
 * For a model that only guesses on its data: the common preprocessing under which it does much better, as a sentence
 * with the options to give; null where none does.
 * @param classes how many the model tells apart
 */
export async function preprocessingHint(
  model: string,
  data: DataSection,
  base: string,
  classes: number,
  context: JobContext,
): Promise<string | null> {
  try {
    const [best] = (await findPreprocessing(model, data, base, context)).ranked;
    if (best === undefined || best.accuracy === null || best.accuracy < MUCH_MORE / classes) return null;
    const labels = best.labelOffset === 0 ? '' : ` and data.labelOffset: ${best.labelOffset} in a recipe`;
    const share = `${Math.round(best.accuracy * 100)} % of ${best.samples} samples`;
    return `Tried: ${best.title} (${best.flags})${labels} is right on ${share}.`;
  } catch (error) {
    // What cannot be tried is no hint; that the model guesses is told anyway.
    if (EdgewiseError.is(error) && error.kind !== 'cancelled') return null;
    throw error;
  }
}
