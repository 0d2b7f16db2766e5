import { wilsonInterval } from '../../evaluation/interval';
import { fittedTemperature, logProbabilities } from './probabilities';
import type { SearchMetric } from './request';
import type { Scores } from './scores';

/** What a model's scores on the selection samples are worth, held against the original's. */
export interface Judgement {
  /** 0..1 of the judge's metric. */
  readonly value: number;
  /** 95 %, Wilson's. */
  readonly interval: readonly [number, number];
  /**
   * Percentage points that the metric drops at most, at `CONFIDENCE` (one-sided): what must not exceed a limit, so that
   * it holds for samples that were not chosen on.
   */
  readonly dropAtMost: number;
  /** Mean Kullback-Leibler divergence of the original's answers from these, in nats: far less noisy than the metric. */
  readonly damage: number;
}

/** Quantile of the normal distribution at 90 %: one model of ten that just meets a limit here may miss it elsewhere. */
const CONFIDENCE = 1.2816;

/** Damage of a model whose scores are no numbers, and the most that any has: sums of it stay numbers. */
export const MOST_DAMAGE = 1e6;

/** Holds models against the original on the same samples. */
export class Judge {
  readonly metric: SearchMetric;
  private readonly answers: Int32Array;
  private readonly logs: Float64Array;
  /** Probabilities of the original that fit the labels. */
  private readonly fitted: Float64Array | null;

  /** @param labels null: agreement with the original takes accuracy's place */
  constructor(
    original: Scores,
    private readonly labels: Int32Array | null,
  ) {
    this.metric = labels === null ? 'fidelity' : 'accuracy';
    this.answers = answersOf(original);
    this.logs = logProbabilities(original);
    this.fitted = labels && logProbabilities(original, fittedTemperature(original, labels)).map(Math.exp);
  }

  judge(scores: Scores): Judgement {
    const { samples } = scores;
    const answers = answersOf(scores);
    const truth = this.labels ?? this.answers;
    const right = answers.reduce((sum, answer, index) => sum + (answer === truth[index] ? 1 : 0), 0);
    const before = this.answers.reduce((sum, answer, index) => sum + (answer === truth[index] ? 1 : 0), 0);
    const drop = (before - right) / samples;
    return {
      value: right / samples,
      interval: wilsonInterval(right, samples),
      dropAtMost: 100 * Math.max(drop, this.expectedDrop(answers, drop, scores.classes)),
      damage: this.damage(scores),
    };
  }

  /** Share of samples whose answer is not the original's. */
  changed(scores: Scores): number {
    const answers = answersOf(scores);
    return answers.reduce((sum, answer, index) => sum + (answer === this.answers[index] ? 0 : 1), 0) / scores.samples;
  }

  damage(scores: Scores): number {
    const logs = logProbabilities(scores);
    let sum = 0;
    for (let index = 0; index < logs.length; index++) {
      const log = this.logs[index] ?? 0;
      sum += Math.exp(log) * (log - (logs[index] ?? 0));
    }
    const mean = sum / scores.samples;
    return Number.isNaN(mean) ? MOST_DAMAGE : Math.min(MOST_DAMAGE, Math.max(0, mean));
  }

  /**
   * The upper limit of the drop to be expected on other samples. With labels, a changed answer counts as what the
   * original's fitted probabilities say that it costs, instead of the 1, 0 or -1 that one label says (the mean of that
   * over labels, given the sample): the same on average, with a much smaller spread.
   */
  private expectedDrop(answers: Int32Array, drop: number, classes: number): number {
    const { fitted } = this;
    const samples = answers.length;
    if (fitted === null) return drop + CONFIDENCE * Math.sqrt((drop * (1 - drop)) / samples);
    let sum = 0;
    let squares = 0;
    answers.forEach((answer, sample) => {
      const original = this.answers[sample] ?? 0;
      if (answer === original) return;
      const cost = (fitted[sample * classes + original] ?? 0) - (fitted[sample * classes + answer] ?? 0);
      sum += cost;
      squares += cost * cost;
    });
    const mean = sum / samples;
    return mean + CONFIDENCE * Math.sqrt(Math.max(0, squares / samples - mean * mean) / samples);
  }
}

/** The class with the highest score of each sample; -1 where none is a number. */
function answersOf({ values, samples, classes }: Scores): Int32Array {
  return Int32Array.from({ length: samples }, (_, sample) => {
    let best = -1;
    let highest = -Infinity;
    for (let index = 0; index < classes; index++) {
      const score = values[sample * classes + index] ?? NaN;
      if (score > highest || (best === -1 && score === highest)) [best, highest] = [index, score];
    }
    return best;
  });
}
