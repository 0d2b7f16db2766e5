import { badData, shapeText } from '../data/complaint';
import { runOfScores, valuesOfSample, type JudgedBatch, type MetricRun, type MetricSubject } from './metric';

/**
 * A mean over the values of all outputs that the data have targets for.
 * @param error of one value
 * @returns null without such targets
 */
export function errorRun(
  { set, outputs }: MetricSubject,
  error: (value: number, target: number) => number,
): MetricRun | null {
  const names = targetedOutputs(set.targets?.names ?? [], outputs);
  if (names.length === 0) return null;
  return runOfScores('mean', (batch, index) => {
    let sum = 0;
    let count = 0;
    for (const name of names) {
      const { value, target } = pairOf(batch, name, index, set.source);
      value.forEach((one, at) => (sum += error(one, target[at] ?? NaN)));
      count += value.length;
    }
    return sum / count;
  });
}

/** Outputs with targets of as many values a sample. */
function targetedOutputs(names: readonly string[], outputs: MetricSubject['outputs']): string[] {
  return names.filter((name) => outputs.some((output) => output.name === name));
}

function pairOf(
  batch: JudgedBatch,
  name: string,
  index: number,
  source: string,
): { value: Float64Array; target: Float64Array } {
  const output = batch.outputs[name];
  const target = batch.targets[name];
  if (output === undefined || target === undefined || output.size !== target.size) {
    const given = shapeText(target?.shape ?? []);
    const made = output === undefined ? 'nothing for each sample' : shapeText(output.shape);
    throw badData(
      source,
      `"${source}" has targets of ${given} for the output ${name}, which gives ${made}. Save target_${name} in the output's shape.`,
    );
  }
  return { value: valuesOfSample(output, index), target: valuesOfSample(target, index) };
}
