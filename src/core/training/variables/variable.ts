import type { Term } from '../graph/term';

/** A tensor that changes while a network trains. */
export interface Variable {
  /** An initializer of the model, or what a loss or a transform has brought: "conv1.weight:scale". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: Float32Array;
  /** `learned`: moved by the optimizer. `running`: what the graph itself gives after each step. */
  readonly kind: 'learned' | 'running';
  /** Settings that it shares with others: see `GroupSettings`. */
  readonly group: string;
}

/** How the optimizer treats a group of variables. */
export interface GroupSettings {
  /** Times the learning rate. Default 1. */
  readonly rate?: number;
  /** Default: the optimizer's own. */
  readonly weightDecay?: number;
}

/** What declares variables while a training graph, or its twin for evaluating, is written. */
export interface VariableScope {
  learned(name: string, shape: readonly number[], start: Float32Array, group?: string): Term;
  /** @returns its value before the step; tell the one after it by `update` */
  running(name: string, shape: readonly number[], start: Float32Array): Term;
  update(name: string, value: Term): void;
}
