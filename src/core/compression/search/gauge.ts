import type { DataSet } from '../../evaluation/data';
import type { Measurement } from '../../evaluation/measurement.schema';
import type { Model } from '../../model/model';

/** What a model is worth on the selection samples, held against the original. */
export interface Judgement {
  /** Of the gauge's metric: 0..1 for shares, errors as they are. */
  readonly value: number;
  /** 95 %; null where none is known. */
  readonly interval: readonly [number, number] | null;
  /**
   * Points that the metric drops at most on the test, at `CONFIDENCE` (one-sided): what must not exceed a limit, so that
   * it holds for samples that were not chosen on. For errors it is the rise in percent.
   */
  readonly dropAtMost: number;
  /** How far the outputs are from the original's: far less noisy than the metric, and it adds up over layers. */
  readonly damage: number;
}

/** What one encoded unit does to the model's outputs. */
export interface Shift {
  readonly damage: number;
  /** 0..1: beyond a limit nothing is left of the answers. */
  readonly changed: number;
}

/** The samples that models are chosen on, and how they are judged on them. */
export interface Gauge {
  /** What a judgement's value is, as in a measurement. */
  readonly judged: Pick<Measurement, 'metric' | 'headline'>;
  /** The original's value; 1 where outputs are held against its own. */
  readonly original: number;
  /** What answers by chance are worth; 0 where chance gives nothing. */
  readonly chance: number;
  /** How many there are. */
  readonly samples: number;
  /** What the report has to say of them. */
  readonly notes: readonly string[];
  judge(made: Model): Promise<Judgement>;
  shift(made: Model): Promise<Shift>;
}

/** Quantile of the normal distribution at 95 %: one model of twenty that just meets a limit here may miss it on the test. */
export const CONFIDENCE = 1.6449;

/** How many samples a drop is promised for: a test has its own chance, and a smaller one than the selection tells less. */
export function testedOn(unseen: DataSet | null, selected: number): number {
  return Math.max(unseen?.length ?? 0, selected);
}

/** Damage of a model whose outputs are no numbers, and the most that any has: sums of it stay numbers. */
export const MOST_DAMAGE = 1e6;

/** @param damage not a number where the outputs are none */
export function boundedDamage(damage: number): number {
  return Number.isNaN(damage) ? MOST_DAMAGE : Math.min(MOST_DAMAGE, Math.max(0, damage));
}
