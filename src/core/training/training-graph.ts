import { FreshNames } from '../compression/graph/fresh-names';
import type { Graph, Model, Value } from '../model/model';
import { GraphBuilder } from './graph/builder';
import type { Forms } from './graph/forms';
import { importModel, type ImportedValues } from './graph/import-model';
import { Term } from './graph/term';
import type { TrainingMode } from './gradients/rule';
import { layerValues, type LayerValue } from './layer-values';
import type { BlockedVariables } from './blocked-variables';
import { blockedTerms } from './gradients/missing-rule';
import { ruleOf } from './gradients/table';
import { modelInputs } from './model-inputs';
import type { Loss } from './losses/loss';
import type { Optimizer } from './optimizers/optimizer';
import type { Regularizer } from './losses/regularizers';
import { transforming, type TrainingTransform } from './transform';
import { withoutUnread } from './without-unread';
import { writeLoss, type WrittenLoss } from './write-loss';
import { writeUpdates, type UpdateSettings } from './write-updates';
import { TrainingVariables } from './variables/training-variables';
import type { GroupSettings, Variable } from './variables/variable';

export interface TrainingGraphOptions {
  /** Values of symbolic dimensions; the batch among them. */
  readonly dims: Readonly<Record<string, number>>;
  readonly mode: TrainingMode;
  /** Initializers that learn, with what they begin with; the others stay as they are. */
  readonly learned: ReadonlyMap<string, Float32Array>;
  /** Initializers that nodes update themselves (running statistics), with what they begin with. */
  readonly running: ReadonlyMap<string, Float32Array>;
  readonly loss: Loss;
  /** The output that the loss is about; default: the first. */
  readonly output?: string;
  readonly regularizers?: readonly { readonly regularizer: Regularizer; readonly strength: number }[];
  readonly optimizer: Optimizer;
  readonly groups?: Readonly<Record<string, GroupSettings>>;
  /** Gives the group of an initializer; default: one for all. */
  readonly groupOf?: (weight: string) => string;
  readonly update?: Partial<UpdateSettings>;
  readonly transforms?: readonly TrainingTransform[];
  readonly forms?: Forms;
  /** Variables of a graph that this one takes the place of: it has them all, in their order. */
  readonly declared?: readonly Variable[];
  /** Variables that stay as they are: no gradient reaches them. */
  readonly blocked?: BlockedVariables;
}

/** A vector that goes in with each step and comes out changed. */
export interface StateVector {
  readonly input: string;
  readonly output: string;
  readonly start: Float32Array;
  /** The variables in it, where it holds variables and not an optimizer's notes. */
  readonly values?: (vector: Float32Array) => Map<string, Float32Array>;
}

/** Forward, loss, backward and update as one model: one run is one step. */
export interface TrainingGraph {
  readonly model: Model;
  /** The model's own inputs. */
  readonly inputs: readonly Term[];
  /** What the loss is fed beside them: labels, targets, the teacher's answers. */
  readonly fed: readonly Term[];
  /** Tensors of numbers from 0 to 1, drawn for each step. */
  readonly random: readonly Term[];
  readonly vectors: readonly StateVector[];
  readonly variables: readonly Variable[];
  /** Scalars: the learning rate, the steps done with this one, and with accumulation whether this step moves weights. */
  readonly rate: string;
  readonly step: string;
  readonly apply: string | null;
  readonly loss: string;
  /** The output that the loss is about, by its name in this graph. */
  readonly scores: string;
  /** Values of the forward computation in order: where a NaN came from. */
  readonly forward: readonly LayerValue[];
}

export const EMPTY_GRAPH: Graph = {
  ...{ name: 'training', nodes: [], inputs: [], outputs: [] },
  ...{ values: new Map(), weights: new Map() },
};

/** The runtime's own operators that some forms use. */
const RUNTIME_OPSETS: readonly (readonly [string, number])[] = [
  ['com.microsoft', 1],
  ['com.microsoft.nchwc', 1],
];

/**
 * Writes the training graph of a model whose operator set is 13 or later.
 * @throws EdgewiseError `unsupported` naming an operator without a gradient, or an open shape
 */
export function buildTrainingGraph(model: Model, options: TrainingGraphOptions): TrainingGraph {
  const { build, variables, inputs, random, values, loss, scores, fed } = writtenForward(model, options);
  const written = writeUpdates(build, loss, variables, options);
  const scalars = [written.rate, written.step, ...(written.apply ? [written.apply] : [])];
  const inputTerms = [...inputs.values(), ...fed, ...random, ...scalars, ...written.vectorTerms];
  const outputTerms = [loss, ...(scores === loss ? [] : [scores]), ...written.outputTerms];
  const graph = withoutUnread({
    ...EMPTY_GRAPH,
    ...{ nodes: build.nodes, weights: build.weights },
    ...{ inputs: inputTerms.map(valueOf), outputs: outputTerms.map(valueOf) },
  });
  return {
    model: {
      ...model,
      ...{ metadata: new Map(), files: model.files },
      opsets: new Map([...model.opsets, ...RUNTIME_OPSETS]),
      graph,
    },
    ...{ inputs: [...inputs.values()], fed, random, vectors: written.vectors, variables: variables.all },
    ...{ rate: written.rate.name, step: written.step.name, apply: written.apply?.name ?? null },
    ...{ loss: loss.name, scores: scores.name, forward: layerValues(model, values, graph) },
  };
}

interface WrittenForward extends WrittenLoss {
  readonly build: GraphBuilder;
  readonly variables: TrainingVariables;
  readonly inputs: ReadonlyMap<string, Term>;
  readonly random: readonly Term[];
  readonly values: ImportedValues;
}

function writtenForward(model: Model, options: TrainingGraphOptions): WrittenForward {
  const names = new FreshNames(EMPTY_GRAPH);
  const build = new GraphBuilder({
    ...{ names, opset: model.opsets.get('') ?? 13 },
    ...(options.forms ? { forms: options.forms } : {}),
  });
  const variables = new TrainingVariables(build);
  const inputs = modelInputs(model, options.dims, names);
  const random: Term[] = [];
  const values = forward(build, model, options, variables, inputs, random);
  return { build, variables, inputs, random, values, ...writeLoss(build, model, values, variables, options) };
}

/** Variables whose gradient would have to pass an operator that has none, with that operator. */
export function blockedVariables(model: Model, options: TrainingGraphOptions): BlockedVariables {
  if (model.graph.nodes.every((node) => ruleOf(node) !== undefined)) return new Map();
  const { build, variables, loss } = writtenForward(model, options);
  const slots = variables.learnedGroups.flatMap((group) => group.slots);
  const blocked = blockedTerms(
    build,
    loss,
    slots.map(({ term }) => term),
  );
  return new Map(
    slots.flatMap(({ term, variable }) => {
      const node = blocked.get(term.name);
      return node ? [[variable.name, node] as const] : [];
    }),
  );
}

function forward(
  build: GraphBuilder,
  model: Model,
  options: TrainingGraphOptions,
  variables: TrainingVariables,
  inputs: ReadonlyMap<string, Term>,
  random: Term[],
): ImportedValues {
  const given = new Map(inputs);
  const { groupOf, learned, running, transforms = [], declared = [] } = options;
  for (const variable of declared) variables.declare(variable);
  for (const weight of model.graph.weights.values()) {
    const [learnedStart, runningStart] = [learned.get(weight.name), running.get(weight.name)];
    if (learnedStart)
      given.set(weight.name, variables.learned(weight.name, weight.shape, learnedStart, groupOf?.(weight.name)));
    else if (runningStart) given.set(weight.name, variables.running(weight.name, weight.shape, runningStart));
  }
  const scope = { build, training: true, ...bound(variables) };
  return importModel(build, model, {
    ...{ dims: options.dims, mode: options.mode, given },
    ...transforming(transforms, scope),
    random(shape) {
      const term = new Term(build.names.numbered('random'), 'float32', shape);
      random.push(term);
      return term;
    },
    update: (weight, value) => {
      variables.update(weight, value);
    },
  });
}

const bound = (variables: TrainingVariables): Pick<TrainingVariables, 'learned' | 'running' | 'update'> => ({
  learned: variables.learned.bind(variables),
  running: variables.running.bind(variables),
  update: variables.update.bind(variables),
});

const valueOf = ({ name, dtype, shape }: Term): Value => ({ name, type: { dtype, shape } });
