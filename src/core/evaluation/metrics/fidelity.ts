import { runOfScores, type Metric } from './metric';

/** Share of samples with the original model's answer: takes accuracy's place where there are no labels. */
export const fidelity: Metric = {
  name: 'fidelity',
  headline: 'fidelity',
  unit: 'share',
  better: 'higher',
  open({ scores, reference, set: { labels } }) {
    if (scores === null || reference === null || labels !== null) return null;
    return runOfScores('share', ({ answers, positions }, index) =>
      Number(answers?.[index] === reference[positions[index] ?? -1]),
    );
  },
};
