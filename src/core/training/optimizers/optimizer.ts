import type { GraphBuilder } from '../graph/builder';
import type { Term } from '../graph/term';

/** One group of parameters at one step. All vectors are flat, so that an update is a few nodes however many layers. */
export interface UpdateCall {
  readonly build: GraphBuilder;
  readonly parameters: Term;
  readonly gradient: Term;
  /** In the order of `states`. */
  readonly states: readonly Term[];
  /** The learning rate, a float32 of no dimensions. */
  readonly rate: Term;
  /** Steps done with this one, from 1; a float32 of no dimensions. */
  readonly step: Term;
  /** Shrinks the parameters, by the group's own strength. */
  readonly weightDecay: number;
}

export interface Update {
  readonly parameters: Term;
  readonly states: readonly Term[];
}

/** A rule that moves parameters against their gradient, written into the training graph. */
export interface Optimizer {
  readonly name: string;
  /** Vectors as long as the parameters that it keeps from step to step; all begin with zeros. */
  readonly states: readonly string[];
  update(call: UpdateCall): Update;
}
