import { runOfScores, valuesOfSample, type Metric } from './metric';

const RANKS = 5;

/** Share of samples whose label is among the five classes with the highest scores; of equals, the first counts. */
export const topFive: Metric = {
  name: 'top-5',
  headline: null,
  unit: 'share',
  better: 'higher',
  open({ scores, outputs, set: { labels } }) {
    const classes = outputs.find(({ name }) => name === scores)?.shape?.[1];
    if (scores === null || labels === null || typeof classes !== 'number' || classes <= RANKS) return null;
    return runOfScores('share', (batch, index) => {
      const output = batch.outputs[scores];
      const label = labels[batch.positions[index] ?? -1];
      if (output === undefined || label === undefined) return null;
      return Number(rankOf(valuesOfSample(output, index), label) < RANKS);
    });
  },
};

/** How many classes come before this one; all of them where its score is NaN. */
function rankOf(scores: Float64Array, label: number): number {
  const own = scores[label] ?? NaN;
  if (Number.isNaN(own)) return scores.length;
  return scores.reduce((rank, score, other) => rank + (score > own || (score === own && other < label) ? 1 : 0), 0);
}
