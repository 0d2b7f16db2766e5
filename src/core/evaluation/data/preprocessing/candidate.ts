import { namesText } from '../../../recipe/flag-values';
import { flagsOfInput } from '../../../recipe/input-flags';
import type { DataSection } from '../../../recipe/recipe.schema';
import { shellCommand } from '../../../recipe/shell-quote';
import type { Scheme } from './schemes';

/** One way to prepare pictures and to count classes. */
export interface Candidate {
  readonly scheme: Scheme;
  /** Class names in another order than the data's; null where they stay. */
  readonly labels: readonly string[] | null;
  /** Added to each label beyond what the data section adds. */
  readonly offset: number;
}

/** The data with it. */
export function sectionOf({ scheme, labels, offset }: Candidate, data: DataSection): DataSection {
  const { scale: _scale, mean: _mean, deviation: _deviation, ...input } = data.input ?? {};
  const labelOffset = (data.labelOffset ?? 0) + offset;
  return {
    ...data,
    input: { ...input, ...scheme.input },
    ...(labels === null ? {} : { labels: [...labels] }),
    ...(offset === 0 ? {} : { labelOffset }),
  };
}

/** What it adds to the data, as options of the command line. */
export function flagsOfCandidate({ scheme, labels, offset }: Candidate, data: DataSection): string {
  const words = [
    ...flagsOfInput(scheme.input),
    ...(labels === null ? [] : ['--classes', namesText(labels)]),
    ...(offset === 0 ? [] : ['--label-offset', String((data.labelOffset ?? 0) + offset)]),
  ];
  return shellCommand(words);
}
