import { runOfRatio, type Metric } from './metric';
import { editDistance, writtenText } from './written-text';

/** Characters to insert, remove and replace, over all characters that there should be; can exceed 1. */
export const characterError: Metric = {
  name: 'character error rate',
  headline: null,
  unit: 'share',
  better: 'lower',
  open(subject) {
    const read = writtenText(subject);
    if (read === null) return null;
    return runOfRatio((batch, index) => {
      const { written, expected } = read(batch, index);
      return { above: editDistance(written, expected), below: [...expected].length };
    });
  },
};
