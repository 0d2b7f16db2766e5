import { runOfScores, valuesOfSample, type Metric } from './metric';

/** Scores that are this close to a sum of 1 are probabilities already. */
const SUM_TOLERANCE = 1e-3;
/** Probabilities below this are rounding: without a floor, one zero would make the mean infinite. */
const LEAST_PROBABILITY = 1e-12;

/**
 * Mean Kullback-Leibler divergence of this model's class probabilities from the original's, in nats:
 * sum p log(p / q), p the original's. Scores that are no probabilities go through softmax.
 */
export const divergence: Metric = {
  name: 'KL divergence from the original',
  headline: null,
  unit: 'number',
  better: 'lower',
  open({ scores, referenceOutputs }) {
    const kept = scores === null ? undefined : referenceOutputs?.outputs.get(scores);
    if (scores === null || kept === undefined || referenceOutputs === null) return null;
    return runOfScores('mean', ({ positions, outputs }, index) => {
      const position = positions[index] ?? -1;
      const output = outputs[scores];
      if (output?.size !== kept.size || position >= referenceOutputs.samples) return null;
      const original = kept.values.subarray(position * kept.size, (position + 1) * kept.size);
      return klDivergence(Float64Array.from(original), valuesOfSample(output, index));
    });
  },
};

/** KL(p || q) of two vectors of scores, in nats. */
export function klDivergence(original: Float64Array, other: Float64Array): number {
  const p = probabilities(original);
  const q = probabilities(other);
  return p.reduce((sum, share, at) => {
    if (share <= 0) return sum;
    return sum + share * Math.log(share / Math.max(LEAST_PROBABILITY, q[at] ?? 0));
  }, 0);
}

/** Softmax, unless the scores are probabilities as they are. */
export function probabilities(scores: Float64Array): Float64Array {
  const sum = scores.reduce((total, score) => total + score, 0);
  const already = Math.abs(sum - 1) < SUM_TOLERANCE && scores.every((score) => score >= 0);
  return already ? scores : softmax(scores);
}

function softmax(scores: Float64Array): Float64Array {
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
