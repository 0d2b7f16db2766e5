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

/**
 * Changes what nodes read while a network trains: fake quantization of weights and activations, masks of pruned
 * weights, palettes. The same transform writes the graph that is trained and the one that is evaluated.
 */
export interface TrainingTransform {
  readonly name: string;
  /** What a node reads instead of its inputs. Called once a node, in the model's order. */
  operands(node: Node, inputs: readonly (Term | null)[], scope: TransformScope): readonly (Term | null)[];
}
