import { runOfScores, valuesOfSample, type MetricRun, type MetricSubject } from './metric';

/** Calls `each` with a value of this model and of the original, over all outputs of one sample. */
export type EachPair = (each: (value: number, original: number) => void) => void;

/**
 * A mean over the samples whose outputs were kept of the original.
 * @returns null without such outputs
 */
export function originalRun(
  { referenceOutputs, outputs }: MetricSubject,
  score: (eachPair: EachPair) => number,
): MetricRun | null {
  if (referenceOutputs === null) return null;
  const names = [...referenceOutputs.outputs.keys()].filter((name) => outputs.some((output) => output.name === name));
  if (names.length === 0) return null;
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
