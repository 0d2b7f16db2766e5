import type { DataSection } from '../../core/recipe/recipe.schema';
import type { TriedPreprocessing } from '../../protocol/engine';

export interface TriedText {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** What was tried, how it did, and what it does: the lines of a quick pick. */
export function triedText(tried: TriedPreprocessing, current: DataSection): TriedText {
  const { title, words, accuracy, confidence, samples, data } = tried;
  const quality =
    accuracy === null
      ? `${percent(confidence)} sure on average, no labels`
      : `${percent(accuracy)} of ${samples} samples right`;
  const now = isSame(data, current) ? ' · as it is now' : '';
  const labels =
    data.labels !== undefined && data.labels !== current.labels ? `classes: ${data.labels.join(', ')}` : '';
  const offset = data.labelOffset === undefined ? '' : `labels ${data.labelOffset > 0 ? '+' : ''}${data.labelOffset}`;
  return {
    label: title.charAt(0).toUpperCase() + title.slice(1),
    description: `${quality}${now}`,
    detail: [words, labels, offset].filter((part) => part !== '').join('; '),
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function isSame(one: DataSection, other: DataSection): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** The same fields in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, one]): [string, unknown] => [name, sorted(one)]);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
