import type { QuantizeStep } from '../recipe/recipe.schema';
import { schemeFor } from '../compression/encodings/step-scheme';
import { encodedBytes, SHARED_BYTES, storageBytes } from './encoded-size';
import type { LayerSummary, ModelSummary, WeightSummary } from './summary.schema';

/**
 * What a layer's quantize/dequantize pairs take beyond its weight's own nodes: measured on our files of the reference
 * networks.
 */
const BYTES_PER_QUANTIZED_LAYER = 150;

/**
 * Bytes of the file that a step makes of a model, from its summary alone: an estimate, since nothing is compressed to
 * find it. Weights that would not get smaller stay.
 */
export function estimatedBytes(summary: ModelSummary, step: QuantizeStep): number {
  const saved = summary.layers.flatMap((layer) => layer.weights.map((weight) => savedBytes(weight, layer, step)));
  const activations = step.activations === 'float32' ? 0 : BYTES_PER_QUANTIZED_LAYER * quantizedLayers(summary);
  const shared = isPacked(step) && sum(saved) > 0 ? SHARED_BYTES : 0;
  return summary.bytes - sum(saved) + activations + shared;
}

function savedBytes(weight: WeightSummary, layer: LayerSummary, step: QuantizeStep): number {
  const { encoding, shared, role, shape, outputAxis, name } = weight;
  const bits = encoding.kind === 'dense' ? FLOAT_BITS.get(encoding.dtype) : undefined;
  if (shared || bits === undefined) return 0;
  const scheme = schemeFor(step, { operator: layer.operator, role, shape, outputAxis, bits });
  if (scheme === null) return 0;
  return Math.max(0, weight.bytes - encodedBytes(scheme, shape) - storageBytes(scheme, name));
}

const FLOAT_BITS: ReadonlyMap<string, number> = new Map([
  ['float64', 64],
  ['float32', 32],
  ['float16', 16],
  ['bfloat16', 16],
]);

/** Codes of less than a byte, and values between zeros. */
function isPacked({ weights, sparsity = 0 }: QuantizeStep): boolean {
  return sparsity > 0 || (weights.startsWith('int') && weights !== 'int8');
}

function quantizedLayers({ layers }: ModelSummary): number {
  return layers.filter(({ macs }) => macs !== 0).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
