import { FreshNames } from '../compression/graph/fresh-names';
import { float32Weight } from '../compression/graph/new-weights';
import type { Model } from '../model/model';
import { GraphBuilder } from './graph/builder';
import { importModel } from './graph/import-model';
import { Term } from './graph/term';
import { EMPTY_GRAPH } from './training-graph';
import type { TransformScope, TrainingTransform } from './transform';
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
export function evaluationModel(model: Model, values: VariableValues, transforms: readonly TrainingTransform[]): Model {
  const trained = withTrainedWeights(model, values);
  if (transforms.length === 0) return trained;
  const build = new GraphBuilder({ names: new FreshNames(EMPTY_GRAPH), opset: model.opsets.get('') ?? 13 });
  const inputs = model.graph.inputs.filter(({ name }) => !model.graph.weights.has(name));
  const given = new Map(
    inputs.map(({ name, type }) => [name, new Term(build.names.like(name), type.dtype ?? 'float32', null)]),
  );
  const scope = frozenScope(build, values);
  importModel(build, trained, {
    ...{ dims: {}, mode: { normalization: 'frozen', dropout: false }, given, asWritten: true },
    operands: (node, operands) =>
      transforms.reduce((terms, transform) => transform.operands(node, terms, scope), operands),
    random: () => build.constant(0),
    update: () => undefined,
  });
  const graph = {
    ...{ ...EMPTY_GRAPH, nodes: build.nodes, weights: build.weights },
    ...{ inputs, outputs: model.graph.outputs },
  };
  return { ...trained, graph: withoutUnread(graph) };
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
