import type { FileMetaData } from 'hyparquet';
import * as z from 'zod';

const featuresSchema = z.looseObject({ info: z.looseObject({ features: z.record(z.string(), z.unknown()) }) });
const namesSchema = z.looseObject({ names: z.array(z.string()).min(1) });
/** Features nest as columns do: a list of a mapping of a list. */
const MOST_NESTING = 6;

/**
 * Class names that Hugging Face's `datasets` writes beside a column of class numbers.
 * @param field where the column holds mappings: the field of theirs that holds class numbers
 * @returns null where there are none
 */
export function classLabels(
  { key_value_metadata: entries = [] }: FileMetaData,
  column: string,
  field: string | null,
): readonly string[] | null {
  const text = entries.find(({ key }) => key === 'huggingface')?.value;
  if (text === undefined) return null;
  try {
    const found = featuresSchema.safeParse(JSON.parse(text));
    const feature = found.success ? found.data.info.features[column] : undefined;
    const labelled = field === null ? feature : fieldOf(feature, field, 0);
    return namesOf(labelled, 0);
  } catch {
    // A foreign entry of the same name: the numbers stay numbers.
    return null;
  }
}

/** The feature called `field` in a mapping, a list of mappings, or a mapping of lists: versions write all of these. */
function fieldOf(feature: unknown, field: string, depth: number): unknown {
  if (typeof feature !== 'object' || feature === null || depth === MOST_NESTING) return undefined;
  const entries = Object.entries(feature);
  const own = entries.find(([key]) => key === field);
  if (own !== undefined) return own[1];
  const inner = Array.isArray(feature) ? entries : entries.filter(([key]) => key === 'feature');
  return inner.map(([, one]) => fieldOf(one, field, depth + 1)).find((one) => one !== undefined);
}

/** Names of a class label, or of a list of them. */
function namesOf(feature: unknown, depth: number): readonly string[] | null {
  const found = namesSchema.safeParse(feature);
  if (found.success) return found.data.names;
  if (typeof feature !== 'object' || feature === null || depth === MOST_NESTING) return null;
  const inner: unknown = Array.isArray(feature) ? feature[0] : 'feature' in feature ? feature.feature : null;
  return namesOf(inner, depth + 1);
}
