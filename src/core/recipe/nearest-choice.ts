import { compressionChoices } from '../analysis/compression-choices';
import { bytesText } from '../evaluation/report/figures';
import type { ModelSummary } from '../analysis/summary.schema';
import type { Recipe } from './recipe.schema';
import { outputTag } from './targets';

/**
 * Another way to compress a model that needs no data and should make it smaller, in words, with the size to expect:
 * "4-bit palette (about 52.1 KB)"; null where there is none.
 * @param recipe what was tried, which is not offered again
 */
export function nearestChoice(summary: ModelSummary, recipe: Recipe): string | null {
  const tried = outputTag(recipe);
  const choices = compressionChoices(summary, { data: false }).filter(
    ({ id, needsData, estimatedBytes }) => !needsData && estimatedBytes !== null && id !== tried,
  );
  const [best] = choices.sort((a, b) => (a.estimatedBytes ?? 0) - (b.estimatedBytes ?? 0));
  if (best === undefined || best.estimatedBytes === null) return null;
  return `${best.title.toLowerCase()} (about ${bytesText(best.estimatedBytes)})`;
}
