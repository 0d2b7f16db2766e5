import { probabilities } from '../../metrics/divergence';
import type { LabelOrder } from './label-orders';

/** How a model answers some samples under one scheme. */
export interface AnswerFigures {
  /** With the best of the tried orders of labels; null without labels. */
  readonly accuracy: number | null;
  readonly order: Pick<LabelOrder, 'offset' | 'labels'>;
  /** Mean probability of the first answer. */
  readonly confidence: number;
  /**
   * What an answer tells about its sample, in nats: entropy of the mean answer less the mean entropy of answers. Wrongly
   * scaled pictures make a model sure of one class for everything, which has confidence and no information.
   */
  readonly information: number;
  readonly samples: number;
}

const AS_THEY_ARE = { offset: 0, labels: null };

/** Collects class scores sample by sample. */
export class AnswerCollector {
  private readonly answers: number[] = [];
  private readonly labels: number[] = [];
  private confidence = 0;
  private entropies = 0;
  private sum: Float64Array | null = null;

  /** @param orders the data's own first: of equals it is kept */
  constructor(private readonly orders: readonly LabelOrder[]) {}

  add(scores: Float64Array, label: number | null): void {
    const shares = probabilities(scores);
    if (!shares.every(Number.isFinite)) {
      // Overflow: as good as no answer.
      this.answers.push(-1);
      if (label !== null) this.labels.push(label);
      return;
    }
    const best = shares.reduce((first, share, at) => (share > (shares[first] ?? 0) ? at : first), 0);
    this.answers.push(best);
    if (label !== null) this.labels.push(label);
    this.confidence += shares[best] ?? 0;
    this.entropies += entropy(shares);
    this.sum = this.sum === null ? Float64Array.from(shares) : this.sum.map((total, at) => total + (shares[at] ?? 0));
  }

  figures(): AnswerFigures {
    const samples = this.answers.length;
    const mean = this.sum?.map((total) => total / samples) ?? new Float64Array();
    const accuracies = this.orders.map((order) => this.accuracy(order));
    const best = accuracies.indexOf(Math.max(...accuracies));
    return {
      accuracy: this.labels.length === 0 ? null : (accuracies[best] ?? 0),
      order: this.labels.length === 0 ? AS_THEY_ARE : (this.orders[best] ?? AS_THEY_ARE),
      confidence: this.confidence / Math.max(1, samples),
      information: Math.max(0, entropy(mean) - this.entropies / Math.max(1, samples)),
      samples,
    };
  }

  private accuracy({ classOf }: LabelOrder): number {
    const right = this.labels.filter((label, at) => this.answers[at] === classOf(label));
    return right.length / Math.max(1, this.labels.length);
  }
}

function entropy(shares: Float64Array): number {
  return shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log(share) : sum), 0);
}
