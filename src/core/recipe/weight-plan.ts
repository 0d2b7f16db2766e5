import { layersOf, type Layer, type LayerWeight } from '../analysis/layers';
import { candidates } from '../compression/quantization/candidates';
import type { WeightPlan, WeightScheme } from '../compression/encodings/scheme';
import { bitsOf } from '../model/dtype';
import type { Model } from '../model/model';
import { layersNamed } from './layer-patterns';
import type { QuantizeStep } from './recipe.schema';
import { overridden, schemeOf, type WeightOptions } from './weight-scheme';

/** Operators whose weights of two and more dimensions multiply: small errors of single weights average out in them. */
const QUANTIZABLE: ReadonlySet<string> = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'FusedConv',
  'FusedGemm',
  'FusedMatMul',
  'Gather',
  'LSTM',
  'GRU',
  'RNN',
  'Attention',
]);

/**
 * A scheme for each weight that a step encodes, by its name in the graph: layers to keep are left out, the first
 * override that names a layer counts, and a tensor that layers share has the scheme of the first. Whether a weight gets
 * smaller by it is not asked here.
 * @param file what sentences call the model
 * @throws EdgewiseError `usage` for patterns that name no layer
 */
export function planWeights(model: Model, step: QuantizeStep, file: string): WeightPlan {
  const optionsOf = layerOptions(model, step, file);
  const found = candidates(model, keptLayers(model, step, file), (weight, layer) =>
    isWanted(optionsOf(layer), weight, layer),
  );
  const plan = new Map<string, WeightScheme>();
  for (const { name, weight, layers } of found) {
    const layer = layers[0];
    const scheme = layer === undefined ? null : schemeOf(optionsOf(layer), weight, layer);
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

function namedLayers(model: Model): { name: string; operator: string }[] {
  return layersOf(model).map(({ name, node }) => ({ name, operator: node.opType }));
}

/**
 * Halves take every float but running statistics, whose variance can be beyond float16's range; codes and sparse
 * weights only those that multiply.
 */
function isWanted(options: WeightOptions, weight: LayerWeight, layer: Layer): boolean {
  const halves = options.weights === 'float16' || options.weights === 'bfloat16';
  if (halves && bitsOf(weight.stored.dtype) <= 16) return false;
  if (halves && (options.sparsity ?? 0) === 0) return weight.role !== 'statistics';
  return weight.role === 'weight' && weight.shape.length >= 2 && QUANTIZABLE.has(layer.node.opType);
}
