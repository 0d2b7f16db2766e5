import { probabilities } from '../../metrics/divergence';

/** How a model answers some samples under one scheme. */
export interface AnswerFigures {
  /** With the best of the tried offsets of labels; null without labels. */
  readonly accuracy: number | null;
  readonly labelOffset: number;
  /** Mean probability of the first answer. */
  readonly confidence: number;
  /**
   * What an answer tells about its sample, in nats: entropy of the mean answer less the mean entropy of answers. Wrongly
   * scaled pictures make a model sure of one class for everything, which has confidence and no information.
   */
  readonly information: number;
  readonly samples: number;
}

/** Models that count a class of background first, and labels that do. */
const OFFSETS = [0, 1, -1];

/** Collects class scores sample by sample. */
export class AnswerCollector {
  private readonly answers: number[] = [];
  private readonly labels: number[] = [];
  private confidence = 0;
  private entropies = 0;
  private sum: Float64Array | null = null;

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
    const accuracies = OFFSETS.map((offset) => this.accuracy(offset));
    const best = accuracies.indexOf(Math.max(...accuracies));
    return {
      accuracy: this.labels.length === 0 ? null : (accuracies[best] ?? 0),
      labelOffset: this.labels.length === 0 ? 0 : (OFFSETS[best] ?? 0),
      confidence: this.confidence / Math.max(1, samples),
      information: Math.max(0, entropy(mean) - this.entropies / Math.max(1, samples)),
      samples,
    };
  }

  private accuracy(offset: number): number {
    const right = this.labels.filter((label, at) => this.answers[at] === label + offset);
    return right.length / Math.max(1, this.labels.length);
  }
}

function entropy(shares: Float64Array): number {
  return shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log(share) : sum), 0);
}
