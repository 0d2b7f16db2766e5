import { FreshNames } from '../compression/graph/fresh-names';
import { float32Weight } from '../compression/graph/new-weights';
import type { Model, Value } from '../model/model';
import { GraphBuilder } from './graph/builder';
import { importModel } from './graph/import-model';
import { Term } from './graph/term';
import { EMPTY_GRAPH } from './training-graph';
import { transforming, type TransformScope, type TrainingTransform } from './transform';
import { withoutUnread } from './without-unread';

/** Values of variables, by name. */
export type VariableValues = ReadonlyMap<string, Float32Array>;

/**
 * The original model with trained initializers in place, by name: everything else (names, metadata, other weights) is
 * what it was.
 */
export function withTrainedWeights(model: Model, values: VariableValues): Model {
  const weights = new Map(model.graph.weights);
  for (const [name, weight] of weights) {
    const value = values.get(name);
    if (value) weights.set(name, { ...weight, ...float32Weight(name, weight.shape, value) });
  }
  return { ...model, graph: { ...model.graph, weights } };
}

/**
 * The model as it computes while it trains, with these values, for evaluating: transforms are written into it, ranges
 * and masks stand still, and inputs, outputs and free dimensions are the original's.
 */
export function evaluationModel(
  original: Model,
  values: VariableValues,
  transforms: readonly TrainingTransform[],
): Model {
  const model = transforms.reduce((form, transform) => transform.form?.(form) ?? form, original);
  const trained = withTrainedWeights(model, values);
  if (transforms.length === 0) return trained;
  const build = new GraphBuilder({ names: new FreshNames(EMPTY_GRAPH), opset: model.opsets.get('') ?? 13 });
  const { inputs, given } = freeInputs(build, model);
  const scope = frozenScope(build, values);
  importModel(build, trained, {
    ...{ dims: {}, mode: { normalization: 'frozen', dropout: false }, given, asWritten: true },
    ...transforming(transforms, scope),
    random: () => build.constant(0),
    update: () => undefined,
  });
  const graph = {
    ...{ ...EMPTY_GRAPH, nodes: build.nodes, weights: build.weights },
    ...{ inputs, outputs: model.graph.outputs },
  };
  return { ...trained, graph: withoutUnread(graph) };
}

/** Inputs that a caller gives, and terms of any shape that stand for them. */
export function freeInputs(
  build: GraphBuilder,
  { graph }: Model,
): { inputs: readonly Value[]; given: Map<string, Term> } {
  const inputs = graph.inputs.filter(({ name }) => !graph.weights.has(name));
  const given = new Map(
    inputs.map(({ name, type }) => [name, new Term(build.names.like(name), type.dtype ?? 'float32', null)]),
  );
  return { inputs, given };
}

/** Variables as the constants that they have become. */
export function frozenScope(build: GraphBuilder, values: VariableValues): TransformScope {
  const terms = new Map<string, Term>();
  const constant = (name: string, shape: readonly number[], start: Float32Array): Term => {
    const known = terms.get(name);
    if (known) return known;
    const term = new Term(build.names.like(name), 'float32', shape);
    build.weights.set(term.name, float32Weight(term.name, shape, values.get(name) ?? start));
    terms.set(name, term);
    return term;
  };
  return { build, training: false, learned: constant, running: constant, update: () => undefined };
}
