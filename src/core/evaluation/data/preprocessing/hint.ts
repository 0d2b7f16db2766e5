import { EdgewiseError } from '../../../errors';
import type { JobContext } from '../../../progress';
import type { DataSection } from '../../../recipe/recipe.schema';
import { findPreprocessing } from '../find-preprocessing';

/** A model that is right less often than this many times guessing may be fed wrongly. */
const SUSPICIOUS = 3;
/** What was found must be right this much more often before it is worth a sentence. */
const MUCH_MORE = 1.5;

/**
 * For a model that does hardly better than guessing on its data: the common preprocessing under which it does much
 * better, as a sentence with the options to give; null where none does, or where nothing is suspicious.
 * @param classes how many the model tells apart
 */
export async function preprocessingHint(
  model: string,
  data: DataSection,
  base: string,
  measured: { readonly accuracy: number; readonly classes: number },
  context: JobContext,
): Promise<string | null> {
  const suspicious = SUSPICIOUS / measured.classes;
  // Two or three classes leave no room between guessing and knowing little.
  if (measured.accuracy >= Math.min(suspicious, 1 / MUCH_MORE)) return null;
  try {
    const [best] = (await findPreprocessing(model, data, base, context)).ranked;
    const enough = Math.max(suspicious < 1 ? suspicious : 0, MUCH_MORE * measured.accuracy);
    if (best === undefined || best.accuracy === null || best.accuracy < enough) return null;
    const share = `${Math.round(best.accuracy * 100)} % of ${best.samples} samples`;
    return `Tried: ${best.title} (${best.flags}) is right on ${share}.`;
  } catch (error) {
    // What cannot be tried is no hint; that the model guesses is told anyway.
    if (EdgewiseError.is(error) && error.kind !== 'cancelled') return null;
    throw error;
  }
}
