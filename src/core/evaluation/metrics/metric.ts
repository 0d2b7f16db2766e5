import type { SessionValue } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import type { DataSet } from '../data/data-set';
import { meanOf, ratioOf, shareOf, type Estimate } from '../estimates';
import type { KeptOutputs } from '../kept-outputs';
import type { Headline } from '../measurement.schema';

/** One way to judge a model's outputs. A new one is one file and one line in `METRICS`. */
export interface Metric {
  /** As reports call it: "top-5", "mean squared error". */
  readonly name: string;
  /** What it is as a headline; null for metrics that only stand beside one. */
  readonly headline: Headline | null;
  readonly unit: 'share' | 'number';
  readonly better: 'higher' | 'lower';
  /** A run over one set; null where model or data are not what it judges. */
  open(subject: MetricSubject): MetricRun | null;
}

/** A model and what its outputs can be held against. */
export interface MetricSubject {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  /** The output with class scores; null where there is none. */
  readonly scores: string | null;
  readonly set: DataSet;
  /** The original's class for each sample. */
  readonly reference: Int32Array | null;
  /** The original's outputs for the first samples. */
  readonly referenceOutputs: KeptOutputs | null;
}

export interface MetricRun {
  /** @throws EdgewiseError `bad-data` where targets do not fit the outputs */
  add(batch: JudgedBatch): void | Promise<void>;
  estimate(): Estimate;
  /** How many samples were judged. */
  readonly samples: number;
  /** One figure a sample, for paired tests; null where the metric is not a mean over samples. */
  readonly scores: Float64Array | null;
}

/** A batch of samples with what the model made of them. */
export interface JudgedBatch {
  /** In the set, ascending. */
  readonly positions: readonly number[];
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Outputs that have one part a sample. */
  readonly outputs: Readonly<Record<string, OutputValues>>;
  /** The class of each sample; null for models without class scores. */
  readonly answers: Int32Array | null;
  /** What the outputs should be, by output. */
  readonly targets: Readonly<Record<string, OutputValues>>;
}

/** Values of one output or target for the samples of a batch. */
export interface OutputValues {
  /** Of one sample. */
  readonly shape: readonly number[];
  /** Values of one sample. */
  readonly size: number;
  readonly values: Float64Array;
}

/** The values of one sample of a batch. */
export function valuesOfSample({ values, size }: OutputValues, index: number): Float64Array {
  return values.subarray(index * size, (index + 1) * size);
}

/** One figure a sample, growing with the batches; null for a sample that the metric does not judge. */
export type ScoreOfSample = (batch: JudgedBatch, index: number) => number | null;

/** A metric that is the mean (or share) of one figure a sample. */
export function runOfScores(kind: 'mean' | 'share', score: ScoreOfSample): MetricRun {
  const figures: number[] = [];
  return {
    add(batch) {
      for (let index = 0; index < batch.positions.length; index++) {
        const figure = score(batch, index);
        if (figure !== null) figures.push(figure);
      }
    },
    estimate: () => (kind === 'share' ? shareOf : meanOf)(Float64Array.from(figures)),
    get samples() {
      return figures.length;
    },
    get scores() {
      return Float64Array.from(figures);
    },
  };
}

/** A metric that is the ratio of two sums over samples: errors by characters, surprise by tokens. */
export function runOfRatio(
  part: (batch: JudgedBatch, index: number) => { above: number; below: number } | null,
): MetricRun {
  const above: number[] = [];
  const below: number[] = [];
  return {
    add(batch) {
      for (let index = 0; index < batch.positions.length; index++) {
        const parts = part(batch, index);
        if (parts === null) continue;
        above.push(parts.above);
        below.push(parts.below);
      }
    },
    estimate: () => ratioOf(Float64Array.from(above), Float64Array.from(below)),
    get samples() {
      return above.length;
    },
    scores: null,
  };
}
