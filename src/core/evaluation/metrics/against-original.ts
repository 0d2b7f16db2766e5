import { runOfScores, valuesOfSample, type MetricRun, type MetricSubject } from './metric';

/** Calls `each` with a value of this model and of the original, over all outputs of one sample. */
export type EachPair = (each: (value: number, original: number) => void) => void;

/** The outputs that can be held against the original's, and how many numbers of a sample they are together. */
export function comparedOutputs({ referenceOutputs, outputs }: MetricSubject): { names: string[]; numbers: number } {
  const kept = [...(referenceOutputs?.outputs ?? [])].filter(([name]) => outputs.some((one) => one.name === name));
  return { names: kept.map(([name]) => name), numbers: kept.reduce((sum, [, { size }]) => sum + size, 0) };
}

/**
 * A mean over the samples whose outputs were kept of the original.
 * @param least numbers that a sample's outputs must have together; default 1
 * @returns null without such outputs
 */
export function originalRun(
  subject: MetricSubject,
  score: (eachPair: EachPair) => number,
  least = 1,
): MetricRun | null {
  const { referenceOutputs } = subject;
  const { names, numbers } = comparedOutputs(subject);
  if (referenceOutputs === null || numbers < least) return null;
  return runOfScores('mean', (batch, index) => {
    const position = batch.positions[index] ?? -1;
    if (position >= referenceOutputs.samples) return null;
    return score((each) => {
      for (const name of names) {
        const kept = referenceOutputs.outputs.get(name);
        const output = batch.outputs[name];
        if (kept === undefined || output?.size !== kept.size) continue;
        const original = kept.values.subarray(position * kept.size, (position + 1) * kept.size);
        valuesOfSample(output, index).forEach((value, at) => each(value, original[at] ?? 0));
      }
    });
  });
}
