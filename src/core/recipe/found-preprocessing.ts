import { findPreprocessing } from '../evaluation/data/find-preprocessing';
import type { JobContext } from '../progress';
import { preparationText } from '../evaluation/data/preprocessing/words';
import type { CheckDataRequest } from './check-data';
import type { DataSection } from './recipe.schema';

/** One way to prepare a model's pictures, tried on a few samples. */
export interface TriedPreprocessing {
  /** "values from -1 to 1" */
  title: string;
  /** What it does to pictures, in words. */
  words: string;
  /** The data with it: for a recipe. */
  data: DataSection;
  /** The same for the command line. */
  flags: string;
  /** 0..1; null without labels. */
  accuracy: number | null;
  /** Mean probability of the first answer. */
  confidence: number;
  samples: number;
}

export interface FoundPreprocessing {
  /** What the model's metadata say, in words; null where they say nothing of pictures. */
  stated: string | null;
  /** The best first: by accuracy, without labels by what answers tell. */
  ranked: TriedPreprocessing[];
}

/**
 * `findPreprocessing`, for who asks the user.
 * @throws EdgewiseError `unsupported` for models that do not sort pictures into classes, and what opening data says
 */
export async function foundPreprocessing(
  { model, data, base }: CheckDataRequest,
  context: JobContext,
): Promise<FoundPreprocessing> {
  const { stated, ranked } = await findPreprocessing(model, data, base, context);
  const words = preparationText(stated?.input ?? {});
  return {
    stated: words === '' ? null : words,
    ranked: ranked.map(({ title, data: section, flags, accuracy, confidence, samples }) => ({
      ...{ title, words: preparationText(section.input ?? {}), data: section, flags },
      ...{ accuracy, confidence, samples },
    })),
  };
}
