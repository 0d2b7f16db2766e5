import { add, mul } from '../graph/arithmetic';
import type { Loss } from './loss';

export interface WeightedLoss {
  readonly loss: Loss;
  /** What it is multiplied with. */
  readonly weight: number;
}

/** A weighted sum. */
export function combined(parts: readonly WeightedLoss[]): Loss {
  return (scope) => {
    const { build } = scope;
    const terms = parts
      .filter(({ weight }) => weight !== 0)
      .map(({ loss, weight }) => (weight === 1 ? loss(scope) : mul(build, loss(scope), weight)));
    return terms.length === 0 ? build.constant(0) : terms.reduce((sum, term) => add(build, sum, term));
  };
}
