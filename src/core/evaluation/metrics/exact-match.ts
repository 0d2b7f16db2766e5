import { runOfScores, type Metric } from './metric';
import { writtenText } from './written-text';

/** Share of samples whose text is written without a mistake. */
export const exactMatch: Metric = {
  name: 'exact match',
  headline: 'exact-match',
  unit: 'share',
  better: 'higher',
  open(subject) {
    const read = writtenText(subject);
    if (read === null) return null;
    return runOfScores('share', (batch, index) => {
      const { written, expected } = read(batch, index);
      return Number(written === expected);
    });
  },
};
