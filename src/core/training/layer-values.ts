import { indexGraph } from '../analysis/graph-order';
import { layersOf } from '../analysis/layers';
import type { Graph, Model } from '../model/model';
import type { ImportedValues } from './graph/import-model';
import type { Term } from './graph/term';

/** A value of the forward computation, and the layer that it leaves. */
export interface LayerValue {
  readonly layer: string;
  readonly term: Term;
}

/**
 * What layers give in a training graph, in the order in which they run: there values may have other names than in the
 * model, and nodes other forms.
 * @param trained values that are left out where the graph does not have them
 */
export function layerValues(model: Model, values: ImportedValues, trained: Graph): LayerValue[] {
  const names = new Map(
    layersOf(model).flatMap(({ name, node, madeOf = [] }) => [node, ...madeOf].map((each) => [each, name] as const)),
  );
  const made = new Set(trained.nodes.flatMap(({ outputs }) => outputs));
  return indexGraph(model.graph).order.flatMap((node) =>
    node.outputs.flatMap((output) => {
      const term = values.get(output);
      if (!term?.differentiable || !made.has(term.name)) return [];
      return [{ layer: names.get(node) ?? (node.name || node.opType), term }];
    }),
  );
}
