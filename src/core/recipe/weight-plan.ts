import { layersOf, type Layer, type LayerWeight } from '../analysis/layers';
import { candidates } from '../compression/quantization/candidates';
import type { WeightPlan, WeightScheme } from '../compression/encodings/scheme';
import { bitsOf } from '../model/dtype';
import type { Model } from '../model/model';
import { layersNamed, type NamedLayer } from './layer-patterns';
import type { QuantizeStep } from './recipe.schema';
import { overridden, schemeFor, type WeightFacts, type WeightOptions } from '../compression/encodings/step-scheme';

/**
 * A scheme for each weight that a step encodes, by its name in the graph: layers to keep are left out, the first
 * override that names a layer counts, and a tensor that layers share has the scheme of the first. Whether a weight gets
 * smaller by it is not asked here.
 * @param file what sentences call the model
 * @throws EdgewiseError `usage` for patterns that name no layer
 */
export function planWeights(model: Model, step: QuantizeStep, file: string): WeightPlan {
  const optionsOf = layerOptions(model, step, file);
  const schemeIn = (weight: LayerWeight, layer: Layer): WeightScheme | null =>
    schemeFor(optionsOf(layer), factsOf(weight, layer));
  const wanted = (weight: LayerWeight, layer: Layer): boolean => schemeIn(weight, layer) !== null;
  const found = candidates(model, keptLayers(model, step, file), wanted);
  const plan = new Map<string, WeightScheme>();
  for (const { name, weight, layers } of found) {
    const layer = layers[0];
    const scheme = layer === undefined ? null : schemeIn(weight, layer);
    if (scheme !== null) plan.set(name, scheme);
  }
  return plan;
}

/** The names of a step's layers that stay as they are. */
export function keptLayers(model: Model, { keep }: QuantizeStep, file: string): ReadonlySet<string> {
  return layersNamed(keep, namedLayers(model), file);
}

function layerOptions(model: Model, step: QuantizeStep, file: string): (layer: Layer) => WeightOptions {
  const layers = namedLayers(model);
  const overrides = (step.overrides ?? []).map((override) => ({
    names: layersNamed(override.layers, layers, file),
    options: overridden(step, override),
  }));
  return ({ name }) => overrides.find(({ names }) => names.has(name))?.options ?? step;
}

function namedLayers(model: Model): NamedLayer[] {
  return layersOf(model).map(({ name, node, weights }) => ({ name, operator: node.opType, weights }));
}

function factsOf({ role, shape, outputAxis, stored }: LayerWeight, { node }: Layer): WeightFacts {
  return { operator: node.opType, role, shape, outputAxis, bits: bitsOf(stored.dtype) };
}
