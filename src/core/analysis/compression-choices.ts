import type { QuantizeStep, RecipeStep } from '../recipe/recipe.schema';
import { quantizableWeights, storedFloats } from './compressible-weights';
import type { ModelSummary } from './summary.schema';

export type CompressionSuffix = 'int8' | 'int8-weights' | 'float16';

/** One way to compress a model, as a quick pick offers it. */
export interface CompressionChoice {
  readonly id: CompressionSuffix;
  readonly title: string;
  /** What is done, in a sentence. */
  readonly detail: string;
  /** When to take it, in a sentence. */
  readonly when: string;
  /** Size of the file to expect. An estimate from the summary alone: nothing was compressed to find it. */
  readonly estimatedBytes: number;
  readonly needsData: boolean;
  readonly steps: readonly RecipeStep[];
  /** Goes into the new file's name: `digits.int8.onnx`. */
  readonly suffix: CompressionSuffix;
  /** True for one choice, the first. */
  readonly recommended: boolean;
}

/** A choice that saves less than this share of the file is not offered. */
const LEAST_SAVING = 0.02;

/** Nodes, names and dimensions that come with one encoded weight; measured on the reference networks, names aside. */
const BYTES_PER_ENCODED_WEIGHT = 160;
/**
 * Quantize/dequantize pairs around a layer that multiplies, and its neighbours: nodes, constants and their names.
 * Measured on the Python tool's output for the reference networks.
 */
const BYTES_PER_QUANTIZED_LAYER = 1500;

const QUANTIZE: Omit<QuantizeStep, 'weights'> = {
  activations: 'float32',
  granularity: 'channel',
  keep: [],
  samples: 512,
  reduceRange: 'auto',
};

/**
 * Ways to compress a model, the recommended one first: static int8 where data is known and there are convolutions,
 * otherwise int8 weights alone. Ways that would save next to nothing are left out; `alreadyCompressed` says why.
 */
export function compressionChoices(summary: ModelSummary, { data }: { data: boolean }): CompressionChoice[] {
  const convolutional = summary.layers.some((layer) => layer.operator.includes('Conv'));
  const first: CompressionSuffix = data && convolutional ? 'int8' : 'int8-weights';
  const offered = [staticInt8(summary), weightOnlyInt8(summary), float16(summary)].filter(
    (choice) => summary.bytes - choice.estimatedBytes >= summary.bytes * LEAST_SAVING,
  );
  const recommended = offered.find((choice) => choice.id === first) ?? offered[0];
  return recommended === undefined
    ? []
    : [{ ...recommended, recommended: true }, ...offered.filter((choice) => choice !== recommended)];
}

/** What of a model is compressed already, in a sentence; null where every weight is stored as 32-bit floats or wider. */
export function alreadyCompressed(summary: ModelSummary): string | null {
  const weights = summary.layers
    .flatMap((layer) => layer.weights)
    .filter((weight) => weight.role === 'weight' && !weight.shared);
  const labels = weights.map((weight) => weight.encodingLabel).filter((label) => !WIDE_FLOATS.has(label));
  if (labels.length === 0) return null;
  const common = mostFrequent(labels);
  const most = labels.every((label) => label === common) ? '' : 'mostly ';
  const how = labels.length === weights.length ? 'All weights' : `${labels.length} of ${weights.length} weights`;
  return `${how} are already stored compressed, ${most}as ${common}.`;
}

const WIDE_FLOATS: ReadonlySet<string> = new Set(['float32', 'float64']);

function staticInt8(summary: ModelSummary): CompressionChoice {
  const bias = summary.layers.flatMap((layer) => layer.weights.filter((weight) => weight.role === 'bias'));
  const quantized = summary.layers.filter((layer) => layer.macs !== 0).length;
  const scales = bias.reduce((total, weight) => total + 4 * weight.parameters, 0);
  return {
    id: 'int8',
    suffix: 'int8',
    title: 'Fast integers, int8',
    detail: '8-bit weights and activations, calibrated on samples.',
    when: 'For size and speed; needs data.',
    estimatedBytes: int8Bytes(summary) + scales + quantized * BYTES_PER_QUANTIZED_LAYER,
    needsData: true,
    steps: [{ quantize: { ...QUANTIZE, weights: 'int8', activations: 'uint8' } }],
    recommended: false,
  };
}

function weightOnlyInt8(summary: ModelSummary): CompressionChoice {
  return {
    id: 'int8-weights',
    suffix: 'int8-weights',
    title: 'Weights only, int8',
    detail: '8-bit weights, one scale a channel; float32 arithmetic.',
    when: 'For size, without data.',
    estimatedBytes: int8Bytes(summary),
    needsData: false,
    steps: [{ quantize: { ...QUANTIZE, weights: 'int8' } }],
    recommended: false,
  };
}

function float16(summary: ModelSummary): CompressionChoice {
  const saved = storedFloats(summary)
    .map((weight) => weight.bytes - 2 * weight.parameters - overhead(weight.name))
    .filter((bytes) => bytes > 0);
  return {
    id: 'float16',
    suffix: 'float16',
    title: 'Half precision, float16',
    detail: '16-bit weights; float32 arithmetic.',
    when: 'For half the size, where int8 costs too much.',
    estimatedBytes: summary.bytes - sum(saved),
    needsData: false,
    steps: [{ quantize: { ...QUANTIZE, weights: 'float16' } }],
    recommended: false,
  };
}

/** One byte a weight, four a scale, and what the unpacking nodes take. */
function int8Bytes(summary: ModelSummary): number {
  const saved = quantizableWeights(summary)
    .map(({ weight, channels }) => weight.bytes - weight.parameters - 4 * channels - overhead(weight.name))
    .filter((bytes) => bytes > 0);
  return summary.bytes - sum(saved);
}

/** The weight's name comes again in the names of its scale, its codes and its nodes. */
function overhead(name: string): number {
  return BYTES_PER_ENCODED_WEIGHT + 8 * name.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function mostFrequent(labels: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), ['', 0] as [string, number])[0];
}
