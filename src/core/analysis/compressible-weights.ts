import type { ModelSummary, WeightSummary } from './summary.schema';

const FLOATS: ReadonlySet<string> = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/** Weights stored as floats of 32 bits or more, each once: what float16 halves. */
export function storedFloats(summary: ModelSummary): WeightSummary[] {
  return own(summary).filter(
    ({ encoding, role }) =>
      role !== 'statistics' &&
      encoding.kind === 'dense' &&
      (encoding.dtype === 'float32' || encoding.dtype === 'float64'),
  );
}

/** Float matrices and filters, each once, with their number of output channels: what int8 quantizes. */
export function quantizableWeights(summary: ModelSummary): { weight: WeightSummary; channels: number }[] {
  return own(summary).flatMap((weight) => {
    const { encoding, role, outputAxis, shape } = weight;
    const stored = encoding.kind === 'dense' && FLOATS.has(encoding.dtype);
    if (!stored || role !== 'weight' || outputAxis === null || shape.length < 2) return [];
    return [{ weight, channels: shape[outputAxis] ?? 1 }];
  });
}

function own(summary: ModelSummary): WeightSummary[] {
  return summary.layers.flatMap((layer) => layer.weights.filter((weight) => !weight.shared));
}
