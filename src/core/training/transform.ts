import type { Node } from '../model/model';
import type { GraphBuilder } from './graph/builder';
import type { Term } from './graph/term';
import type { VariableScope } from './variables/variable';

/** What a transform writes with. */
export interface TransformScope extends VariableScope {
  readonly build: GraphBuilder;
  /** False while the twin for evaluating is written: ranges and masks stand still. */
  readonly training: boolean;
}

/** Where training is, before a step. */
export interface TrainingMoment {
  /** From 0. */
  readonly step: number;
  /** Steps in all. */
  readonly total: number;
  readonly stepsPerEpoch: number;
}

/** Values of variables, by name. */
export type NamedValues = ReadonlyMap<string, Float32Array>;

/**
 * Changes what nodes read while a network trains: fake quantization of weights and activations, masks of pruned
 * weights, palettes. The same transform writes the graph that is trained and the one that is evaluated.
 */
export interface TrainingTransform {
  readonly name: string;
  /** What a node reads instead of its inputs. Called once a node, in the model's order. */
  operands(node: Node, inputs: readonly (Term | null)[], scope: TransformScope): readonly (Term | null)[];
  /** Variables that become something else than gradients make of them, before a step: masks, members of clusters. */
  adjust?(moment: TrainingMoment, values: NamedValues): NamedValues | null;
  /** Whether what is evaluated after so many steps has the form that is wanted: a network is not pruned before it is. */
  isReached?(moment: TrainingMoment): boolean;
  /** The model's weights as they compute in the end, by name. */
  settled?(values: NamedValues): NamedValues;
}
