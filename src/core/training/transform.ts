import type { Model, Node } from '../model/model';
import type { GraphBuilder } from './graph/builder';
import type { ImportOptions } from './graph/import-model';
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
  /** What stands for all of a node's outputs, given what it reads after `operands`; null: the node itself. */
  instead?(node: Node, inputs: readonly (Term | null)[], scope: TransformScope): readonly Term[] | null;
  /** The model as it is evaluated and exported; default: as it trains. Its initializers keep their names. */
  form?(model: Model): Model;
  /** Variables that become something else than gradients make of them, before a step: masks, members of clusters. */
  adjust?(moment: TrainingMoment, values: NamedValues): NamedValues | null;
  /** What stands in its place at first, each until a share of the training has passed. All have the same variables. */
  readonly before?: readonly { readonly until: number; readonly transform: TrainingTransform }[];
  /** Variables that become something else where it takes the place of another. */
  enter?(values: NamedValues): NamedValues;
  /** Whether what is evaluated after so many steps has the form that is wanted: a network is not pruned before it is. */
  isReached?(moment: TrainingMoment): boolean;
  /** The model's weights as they compute in the end, by name. */
  settled?(values: NamedValues): NamedValues;
}

/** What several transforms do to a node, one after the other. */
export function transforming(
  transforms: readonly TrainingTransform[],
  scope: TransformScope,
): Required<Pick<ImportOptions, 'operands' | 'instead'>> {
  return {
    operands: (node, operands) =>
      transforms.reduce((terms, transform) => transform.operands(node, terms, scope), operands),
    instead: (node, inputs) => {
      for (const transform of transforms) {
        const found = transform.instead?.(node, inputs, scope);
        if (found) return found;
      }
      return null;
    },
  };
}
