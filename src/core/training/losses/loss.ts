import type { DType } from '../../model/dtype';
import type { GraphBuilder } from '../graph/builder';
import type { Term } from '../graph/term';

/** What a loss is written from. */
export interface LossScope {
  readonly build: GraphBuilder;
  /** A value of the model: one of its outputs, or any value between its nodes. */
  value(name: string): Term;
  /** The output that a loss is about when it names none: the only one, or the first. */
  readonly output: Term;
  /** A tensor that is fed with each batch: `labels`, `target_<output>`, `teacher_<value>`. Asked for twice, it is one. */
  fed(name: string, dtype: DType, shape: readonly number[]): Term;
  /** A trained tensor that the loss brings with it (a projection between layers of different width). */
  learned(name: string, shape: readonly number[], start: Float32Array): Term;
}

/** Writes one number to be made small: a float32 of no dimensions, the mean over the batch. */
export type Loss = (scope: LossScope) => Term;

/** Names of what is fed beside the model's own inputs. */
export const LABELS = 'labels';
/** With mixed samples: the labels of what was mixed in, and the share that each sample has kept, `[batch, 1]`. */
export const MIXED_LABELS = 'mixed_labels';
export const SHARE = 'share';
export const targetOf = (output: string): string => `target_${output}`;
export const teacherOf = (value: string): string => `teacher_${value}`;
