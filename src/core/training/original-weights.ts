import type { Model } from '../model/model';
import { elementsOf } from '../model/model';
import { withTrainedWeights, type VariableValues } from './evaluation-model';

/**
 * What was trained in a raised form of a model, in the model itself. Weights that raising gave another shape (operands
 * that older operator sets broadcast from an axis on) go back under their own name. Null where one weight has become
 * several that differ: only the raised form has a place for those.
 */
export function trainedOriginal(original: Model, raised: Model, values: VariableValues): Model | null {
  if (original === raised) return withTrainedWeights(original, values);
  const own = new Map(values);
  const sources = reshapedWeights(original, raised);
  for (const name of raised.graph.weights.keys()) {
    const value = values.get(name);
    if (!value || original.graph.weights.has(name)) continue;
    const source = sources.get(name);
    if (source === undefined || own.has(source)) return null;
    own.set(source, value);
  }
  return withTrainedWeights(original, own);
}

/** Weights of the raised form by name, and the original's that stand in the same place with the same elements. */
function reshapedWeights(original: Model, raised: Model): Map<string, string> {
  const makers = new Map(original.graph.nodes.map((node) => [node.outputs[0] ?? '', node]));
  const sources = new Map<string, string>();
  for (const node of raised.graph.nodes) {
    const before = makers.get(node.outputs[0] ?? '');
    if (before?.opType !== node.opType) continue;
    node.inputs.forEach((name, at) => {
      const [weight, source] = [raised.graph.weights.get(name), original.graph.weights.get(before.inputs[at] ?? '')];
      if (!weight || !source || weight.name === source.name) return;
      if (elementsOf(weight.shape) === elementsOf(source.shape)) sources.set(weight.name, source.name);
    });
  }
  return sources;
}
