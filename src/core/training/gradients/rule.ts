import type { Node } from '../../model/model';
import type { GraphBuilder } from '../graph/builder';
import type { Term } from '../graph/term';

/** One node walked back. */
export interface GradientCall {
  readonly build: GraphBuilder;
  readonly node: Node;
  /** As the node read them; null for optional ones that are left out. */
  readonly inputs: readonly (Term | null)[];
  readonly outputs: readonly Term[];
  /** The objective's gradient with respect to each output, in the output's shape; null where nothing depends on it. */
  readonly gradients: readonly (Term | null)[];
  /** Inputs whose gradient somebody needs; the others are not to be computed. */
  readonly wanted: readonly boolean[];
}

/**
 * The objective's gradient with respect to each input, null where there is none. A gradient may have a shape to which
 * the input's broadcasts, or that broadcasts to it: both are put right in one place (`fit.ts`).
 */
export type GradientRule = (call: GradientCall) => readonly (Term | null)[];

/** A node of the model as it comes into a training graph. */
export interface TrainingCall {
  readonly build: GraphBuilder;
  readonly node: Node;
  readonly inputs: readonly (Term | null)[];
  /** The types that the node's outputs have; the shape is null where it is not known. */
  readonly outputs: readonly Term[];
  readonly mode: TrainingMode;
  /** A tensor of numbers from 0 to 1 that the trainer draws anew for each step from its seeded generator. */
  random(shape: readonly number[]): Term;
  /** Tells that the initializer `weight` becomes `value` after the step: running statistics. */
  update(weight: string, value: Term): void;
}

export interface TrainingMode {
  /** `training`: statistics of the batch, and running ones updated. `frozen`: the running ones, as when it is used. */
  readonly normalization: 'training' | 'frozen';
  /** Whether elements are dropped at random where the model says so. */
  readonly dropout: boolean;
}

/** What the table knows of an operator. */
export interface OperatorRule {
  readonly gradient: GradientRule;
  /**
   * Writes the node in the form it has while it trains, and gives its outputs; default: the node as it is. Null: as it
   * is in this case.
   */
  readonly forTraining?: (call: TrainingCall) => readonly Term[] | null;
}
