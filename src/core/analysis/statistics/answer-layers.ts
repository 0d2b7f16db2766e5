import type { Model } from '../../model/model';
import { indexGraph, valuesReadBy } from '../graph-order';
import type { Layer } from '../layers';

/** Layers with weights whose outputs reach an output of the model through no other such layer: heads of classifiers. */
export function answerLayers(
  model: Model,
  layers: readonly Layer[],
  isWeighted: (layer: Layer) => boolean,
): Set<Layer> {
  const index = indexGraph(model.graph);
  const weighted = new Map(layers.filter(isWeighted).map((layer) => [layer.node, layer]));
  const found = new Set<Layer>();
  const seen = new Set<string>();
  const waiting = [...index.outputNames];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    const node = index.producer.get(value);
    if (node === undefined) continue;
    const layer = weighted.get(node);
    if (layer === undefined) waiting.push(...valuesReadBy(node));
    else found.add(layer);
  }
  return found;
}
