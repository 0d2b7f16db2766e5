import type { Scores } from './scores';

/** Sums of probabilities may be this far from 1 in float32. */
const ROUNDING = 1e-3;
/** Probabilities below this count as this: their logarithm must be a number. */
const LEAST = 1e-12;

/**
 * Log-probabilities of the classes, `[samples, classes]`: of scores that are probabilities already their logarithm,
 * of others the log-softmax. Scores that are no numbers give NaN.
 * @param temperature divides the scores before: above 1 makes the model less sure of itself
 */
export function logProbabilities(scores: Scores, temperature = 1): Float64Array {
  const { classes, samples } = scores;
  const values = areProbabilities(scores)
    ? scores.values.map((value) => Math.log(Math.max(value, LEAST)))
    : scores.values;
  const result = new Float64Array(values.length);
  for (let sample = 0; sample < samples; sample++) {
    const start = sample * classes;
    const row = values.subarray(start, start + classes);
    const highest = row.reduce((most, value) => Math.max(most, value), -Infinity);
    const sum = row.reduce((total, value) => total + Math.exp((value - highest) / temperature), 0);
    const shift = highest / temperature + Math.log(sum);
    for (let index = 0; index < classes; index++) result[start + index] = (row[index] ?? NaN) / temperature - shift;
  }
  return result;
}

function areProbabilities({ values, samples, classes }: Scores): boolean {
  for (let sample = 0; sample < samples; sample++) {
    const row = values.subarray(sample * classes, (sample + 1) * classes);
    const sum = row.reduce((total, value) => total + value, 0);
    if (!(Math.abs(sum - 1) < ROUNDING) || row.some((value) => value < 0)) return false;
  }
  return samples > 0;
}

/**
 * The temperature that makes probabilities fit labels best (least mean negative log-likelihood; Guo and others, On
 * calibration of modern neural networks, 2017), by golden section over its logarithm.
 */
export function fittedTemperature(scores: Scores, labels: Int32Array): number {
  const loss = (logarithm: number): number => {
    const logs = logProbabilities(scores, Math.exp(logarithm));
    let sum = 0;
    labels.forEach((label, sample) => (sum -= logs[sample * scores.classes + label] ?? 0));
    return sum;
  };
  return Math.exp(leastAt(loss, Math.log(LOWEST_TEMPERATURE), Math.log(HIGHEST_TEMPERATURE)));
}

const LOWEST_TEMPERATURE = 0.1;
const HIGHEST_TEMPERATURE = 10;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Narrows the range to a thousandth. */
const GOLDEN_STEPS = 18;

function leastAt(loss: (at: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [lossLeft, lossRight] = [loss(left), loss(right)];
  for (let step = 0; step < GOLDEN_STEPS; step++) {
    if (lossLeft < lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - GOLDEN * (high - low);
      lossLeft = loss(left);
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + GOLDEN * (high - low);
      lossRight = loss(right);
    }
  }
  return (low + high) / 2;
}
