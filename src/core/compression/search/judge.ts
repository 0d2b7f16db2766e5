import { wilsonInterval } from '../../evaluation/interval';
import { flipsOf } from './flips';
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
      dropAtMost: 100 * Math.max(drop, this.caution * this.expectedDrop(scores, answers)),
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
   * over labels, given the sample): the same on average, with a much smaller spread. Where margins say that more answers
   * are about to change than did, they count.
   */
  private expectedDrop(scores: Scores, answers: Int32Array): number {
    const { samples, classes } = scores;
    const { fitted, tested } = this;
    const costs = new Costs(samples);
    const near = new Costs(samples);
    flipsOf(this.logs, logProbabilities(scores), classes).forEach(({ first, second, chance }, sample) => {
      const original = this.answers[sample] ?? 0;
      const answer = answers[sample] ?? -1;
      // Without labels, the original is always right.
      const worth = (label: number): number => fitted?.[sample * classes + label] ?? Number(label === original);
      if (answer !== original) costs.add(worth(original), answer === -1 ? 0 : worth(answer), 1);
      near.add(worth(first), worth(second), chance);
    });
    return Math.max(costs.atMost(tested), near.atMost(tested));
  }
}

/** What changed answers cost, over samples. */
class Costs {
  private sum = 0;
  private squares = 0;
  private changed = 0;

  constructor(private readonly samples: number) {}

  /** An answer that is worth `is` instead of `was`, with a chance. */
  add(was: number, is: number, chance: number): void {
    const cost = chance * (was - is);
    this.sum += cost;
    this.squares += cost * cost;
    this.changed += chance * (was + is);
  }

  /** The mean's upper limit at `CONFIDENCE`, on so many samples whose labels say 1, 0 or -1 again. */
  atMost(tested: number): number {
    const mean = this.sum / this.samples;
    const spread = Math.max(0, this.squares / this.samples - mean * mean) / this.samples;
    return mean + CONFIDENCE * Math.sqrt(spread + this.changed / this.samples / tested);
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
