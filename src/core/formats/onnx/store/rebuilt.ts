import type { FunctionDefinition, Graph, Model, Value, Weight } from '../../../model/model';
import { FREE_INITIALIZERS_IR, irVersionOf, meeting } from './file-needs';
import { UNPACKING_DOMAIN } from './emit';
import type { SharedParts } from './shared-parts';
import type { UnpackedWeight } from './unpacked-weight';

/** The model with other forms of some weights. Functions that it has already are called anew. */
export function rebuilt(model: Model, changed: ReadonlyMap<string, UnpackedWeight>, shared: SharedParts): Model {
  const all = [...changed.values()];
  const needs = all.flatMap((weight) => weight.needs ?? []);
  const definitions = new Map(model.functions.map((definition) => [keyOf(definition), definition]));
  for (const definition of all.flatMap((weight) => weight.functions ?? [])) {
    if (!definitions.has(keyOf(definition))) definitions.set(keyOf(definition), definition);
  }
  const graph = rebuiltGraph(model, changed, shared);
  const functions = stillCalled([...definitions.values()], graph, model);
  return { ...meeting(model, needs), graph, functions };
}

/** Without our own functions that no weight is unpacked by any more. */
function stillCalled(
  definitions: readonly FunctionDefinition[],
  graph: Graph,
  model: Model,
): readonly FunctionDefinition[] {
  const called = new Set(graph.nodes.map(({ domain, opType }) => keyOf({ domain, name: opType })));
  const kept = definitions.filter((one) => one.domain !== UNPACKING_DOMAIN || called.has(keyOf(one)));
  const same = kept.length === model.functions.length && kept.every((one, index) => one === model.functions[index]);
  return same ? model.functions : kept;
}

function keyOf({ domain, name }: Pick<FunctionDefinition, 'domain' | 'name'>): string {
  return `${domain}:${name}`;
}

/** New initializers take their weight's place in the file; the nodes that read them come first in the graph. */
function rebuiltGraph(model: Model, changed: ReadonlyMap<string, UnpackedWeight>, shared: SharedParts): Graph {
  const { graph } = model;
  const weights = new Map<string, Weight>();
  const add = (weight: Weight) => weights.set(weight.name, weight);
  for (const [name, weight] of graph.weights) (changed.get(name)?.weights ?? [weight]).forEach(add);
  for (const [name, { weights: made }] of changed) if (!graph.weights.has(name)) made.forEach(add);
  shared.weights.forEach(add);
  const replaced = new Map([...changed.values()].flatMap(({ readers }) => [...(readers ?? [])]));
  const kept = graph.nodes.flatMap((node) => replaced.get(node) ?? [node]);
  const made = [...changed.values()].flatMap((weight) => weight.nodes);
  return { ...graph, weights, nodes: [...shared.nodes, ...made, ...kept], inputs: inputsOf(model, changed, shared) };
}

/** A weight that nodes make is no input any more; files before IR 4 list what it is made of. */
function inputsOf(model: Model, changed: ReadonlyMap<string, UnpackedWeight>, shared: SharedParts): readonly Value[] {
  const kept = model.graph.inputs.filter((input) => (changed.get(input.name)?.nodes.length ?? 0) === 0);
  if (irVersionOf(model) >= FREE_INITIALIZERS_IR) return kept;
  const made = [...changed.values()].filter(({ nodes }) => nodes.length > 0).flatMap(({ weights }) => weights);
  return [...kept, ...[...made, ...shared.weights].map(({ name, dtype, shape }) => ({ name, type: { dtype, shape } }))];
}
