import { wilsonInterval } from '../../evaluation/interval';
import { boundedDamage, CONFIDENCE, type Judgement } from './gauge';
import { fittedTemperature, logProbabilities } from './probabilities';
import type { Scores } from './scores';

/**
 * Holds class scores against the original's on the same samples. Damage is the mean Kullback-Leibler divergence of the
 * original's answers from a model's, in nats.
 */
export class Judge {
  readonly metric: 'accuracy' | 'fidelity';
  /** The original's value. */
  readonly value: number;
  private readonly answers: Int32Array;
  private readonly logs: Float64Array;
  /** Probabilities of the original that fit the labels. */
  private readonly fitted: Float64Array | null;

  /**
   * @param labels null: agreement with the original takes accuracy's place
   * @param caution times that other samples' answers change more often than these': 1 or more
   * @param tested samples that a drop is promised for, which have their own chance
   */
  constructor(
    original: Scores,
    private readonly labels: Int32Array | null,
    private readonly caution = 1,
    private readonly tested = Infinity,
  ) {
    this.metric = labels === null ? 'fidelity' : 'accuracy';
    this.answers = answersOf(original);
    this.value = this.right(this.answers) / Math.max(1, original.samples);
    this.logs = logProbabilities(original);
    this.fitted = labels && logProbabilities(original, fittedTemperature(original, labels)).map(Math.exp);
  }

  judge(scores: Scores): Judgement {
    const { samples } = scores;
    const answers = answersOf(scores);
    const right = this.right(answers);
    const drop = this.value - right / samples;
    return {
      value: right / samples,
      interval: wilsonInterval(right, samples),
      dropAtMost: 100 * Math.max(drop, this.caution * this.expectedDrop(answers, drop, scores.classes)),
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
    return boundedDamage(sum / scores.samples);
  }

  private right(answers: Int32Array): number {
    const truth = this.labels ?? this.answers;
    return answers.reduce((sum, answer, index) => sum + (answer === truth[index] ? 1 : 0), 0);
  }

  /**
   * The upper limit of the drop to be expected on other samples. With labels, a changed answer counts as what the
   * original's fitted probabilities say that it costs, instead of the 1, 0 or -1 that one label says (the mean of that
   * over labels, given the sample): the same on average, with a much smaller spread.
   */
  private expectedDrop(answers: Int32Array, drop: number, classes: number): number {
    const { fitted } = this;
    const samples = answers.length;
    const { tested } = this;
    if (fitted === null) return drop + CONFIDENCE * Math.sqrt(drop * (1 - drop) * (1 / samples + 1 / tested));
    let sum = 0;
    let squares = 0;
    let changed = 0;
    answers.forEach((answer, sample) => {
      const original = this.answers[sample] ?? 0;
      if (answer === original) return;
      const was = fitted[sample * classes + original] ?? 0;
      const is = fitted[sample * classes + answer] ?? 0;
      const cost = was - is;
      changed += was + is;
      sum += cost;
      squares += cost * cost;
    });
    const mean = sum / samples;
    // Labels of the test say 1, 0 or -1 again.
    const spread = Math.max(0, squares / samples - mean * mean) / samples + changed / samples / tested;
    return mean + CONFIDENCE * Math.sqrt(spread);
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
