import type { Tensor } from '../../runtime/tensor';

/**
 * What several teachers answer together. Of class scores it is the mean of the probabilities at the temperature (the
 * arithmetic mean of Hinton et al. 2015), given as the scores that soften to it, `T log(mean softmax(z / T))`: a
 * teacher whose scores are large does not outvote the others, as it would in a mean of scores.
 * @param all `[samples, classes]` of each
 */
export function meanScores(all: readonly Tensor[], temperature: number): Tensor {
  const [first] = all;
  if (!first || all.length === 1) return first ?? { dtype: 'float32', shape: [0, 0], data: new Float32Array(0) };
  const [samples = 0, classes = 1] = first.shape;
  const data = new Float32Array(samples * classes);
  for (const { data: scores } of all)
    for (let start = 0; start < data.length; start += classes)
      addProbabilities(data, scores, start, classes, temperature, 1 / all.length);
  for (let index = 0; index < data.length; index++)
    data[index] = temperature * Math.log(Math.max(data[index] ?? 0, SMALLEST_PROBABILITY));
  return { dtype: 'float32', shape: first.shape, data };
}

/** Keeps the logarithm finite; the smallest probability that float32 tells from nothing. */
const SMALLEST_PROBABILITY = 1e-38;

function addProbabilities(
  sum: Float32Array,
  scores: Tensor['data'],
  start: number,
  classes: number,
  temperature: number,
  share: number,
): void {
  let highest = -Infinity;
  for (let index = start; index < start + classes; index++) highest = Math.max(highest, Number(scores[index]));
  let total = 0;
  for (let index = start; index < start + classes; index++)
    total += Math.exp((Number(scores[index]) - highest) / temperature);
  for (let index = start; index < start + classes; index++)
    sum[index] = (sum[index] ?? 0) + (share * Math.exp((Number(scores[index]) - highest) / temperature)) / total;
}

/** The plain mean, for outputs that are values and not class scores. */
export function meanValues(all: readonly Tensor[]): Tensor {
  const [first] = all;
  if (!first || all.length === 1) return first ?? { dtype: 'float32', shape: [0, 0], data: new Float32Array(0) };
  const data = new Float32Array(first.data.length);
  for (const { data: values } of all)
    for (let index = 0; index < data.length; index++)
      data[index] = (data[index] ?? 0) + Number(values[index]) / all.length;
  return { dtype: 'float32', shape: first.shape, data };
}
