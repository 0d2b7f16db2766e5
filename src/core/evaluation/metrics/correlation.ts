import { comparedOutputs } from './against-original';
import { valuesOfSample, type Metric } from './metric';

/** Nothing varies over fewer samples. */
const LEAST_SAMPLES = 2;

/**
 * Lin's concordance correlation of this model's number with the original's, over samples: 1 where all are equal, less
 * where they scatter, are shifted or scaled (L. Lin, A Concordance Correlation Coefficient to Evaluate Reproducibility,
 * Biometrics 45, 1989). Similarity of models that give one number a sample, whose cosine is 1 or -1.
 */
export const correlation: Metric = {
  name: 'correlation with the original (concordance)',
  headline: 'similarity',
  unit: 'number',
  better: 'higher',
  open(subject) {
    const { referenceOutputs } = subject;
    const { names, numbers } = comparedOutputs(subject);
    const [name = ''] = names;
    const kept = referenceOutputs?.outputs.get(name);
    if (referenceOutputs === null || kept === undefined || numbers !== 1) return null;
    const own: number[] = [];
    const original: number[] = [];
    return {
      add(batch) {
        const output = batch.outputs[name];
        if (output?.size !== 1) return;
        for (const [index, position] of batch.positions.entries()) {
          if (position >= referenceOutputs.samples) continue;
          own.push(valuesOfSample(output, index)[0] ?? NaN);
          original.push(kept.values[position] ?? NaN);
        }
      },
      estimate: () => ({ value: concordance(own, original), interval: null }),
      get samples() {
        return own.length;
      },
      scores: null,
    };
  },
};

/** 2 cov / (var + var + (mean - mean)^2); 1 where both are the same constant. Null for fewer than two numbers. */
export function concordance(one: readonly number[], other: readonly number[]): number | null {
  if (one.length < LEAST_SAMPLES) return null;
  const [mean, otherMean] = [meanOf(one), meanOf(other)];
  let [variances, covariance] = [0, 0];
  one.forEach((value, at) => {
    const [from, otherFrom] = [value - mean, (other[at] ?? NaN) - otherMean];
    variances += from ** 2 + otherFrom ** 2;
    covariance += from * otherFrom;
  });
  const below = variances / one.length + (mean - otherMean) ** 2;
  return below === 0 ? 1 : (2 * covariance) / one.length / below;
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
