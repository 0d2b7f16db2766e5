import { runOfScores, type Metric } from './metric';

/** Share of samples whose highest score is at their label. */
export const accuracy: Metric = {
  name: 'accuracy',
  headline: 'accuracy',
  unit: 'share',
  better: 'higher',
  open({ scores, set: { labels } }) {
    if (scores === null || labels === null) return null;
    return runOfScores('share', ({ answers, positions }, index) =>
      Number(answers?.[index] === labels[positions[index] ?? -1]),
    );
  },
};
