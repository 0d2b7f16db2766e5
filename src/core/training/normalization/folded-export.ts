import { foldBatchNormalization } from '../../compression/folding/batch-normalization';
import { readFloats } from '../../compression/graph/float-weights';
import type { WeightScheme } from '../../compression/encodings/scheme';
import { encodeWeights } from '../../compression/quantization/encode-weights';
import { elementsOf, type Model } from '../../model/model';
import { formatOf } from '../../formats';
import { openWeights } from '../../formats/weight-reader';
import type { AwareLayer } from '../quantization/aware-layers';
import type { ExportedModel, ExportRequest } from '../quantization/export-aware';
import { learnedModel, type LearnedModel } from '../quantization/learned-model';
import { storedScheme } from '../quantization/stored-scheme';

/**
 * Stores weights of few bits with the inserted normalizations folded in. A normalization multiplies a channel by one
 * number, and so its step: codes stay what they were while it learned. Activations are floats; where they are not,
 * `exportAware` folds by itself.
 */
export async function exportFolded({ aware, values, context, whenWritten }: ExportRequest): Promise<ExportedModel> {
  const learned = await learnedModel(aware, values);
  const before = await openWeights(learned.model);
  let folded: Model;
  const plan = new Map<string, WeightScheme>();
  try {
    folded = await foldBatchNormalization(learned.model, before);
    const after = await openWeights(folded);
    whenWritten(() => after.close());
    for (const layer of aware.layers) {
      const { name } = layer.weight;
      const [was, is] = [learned.model.graph.weights.get(name), folded.graph.weights.get(name)];
      if (!was || !is) continue;
      const moved = { layer, was: await readFloats(before, was), is: await readFloats(after, is) };
      plan.set(name, foldedScheme(moved, learned));
    }
    const tensors = await encodeWeights(folded, after, plan, { signal: context.signal });
    return { model: formatOf(folded.format).encodings.store(folded, tensors, 'computed'), reference: folded };
  } finally {
    await before.close();
  }
}

interface MovedWeight {
  readonly layer: AwareLayer;
  readonly was: Float32Array;
  readonly is: Float32Array;
}

/** Codes of 2 bits go from -2 to 1: a channel that was turned needs one bit more. */
const UNEVEN_BITS = 2;

function foldedScheme({ layer, was, is }: MovedWeight, { weights }: LearnedModel): WeightScheme {
  const steps = weights.get(layer.weight.name)?.steps ?? new Float32Array(0);
  if (was.every((value, at) => value === is[at])) return storedScheme(layer.bits, layer.axis, steps, false);
  const factors = channelFactors(layer, was, is);
  const moved = factors.map((factor, channel) => Math.abs(factor) * (steps[channel] ?? steps[0] ?? 0));
  const isTurned = factors.some((factor) => factor < 0);
  const bits = isTurned && layer.bits === UNEVEN_BITS ? UNEVEN_BITS + 1 : layer.bits;
  return storedScheme(bits, layer.outputAxis, moved, false);
}

/** What each channel was multiplied by, read off its largest element; 1 where all are zero. */
function channelFactors(
  { weight: { shape }, outputAxis }: AwareLayer,
  was: Float32Array,
  is: Float32Array,
): Float32Array {
  const channels = shape[outputAxis] ?? 1;
  const inner = elementsOf(shape.slice(outputAxis + 1));
  const largest = new Float32Array(channels);
  const factors = new Float32Array(channels).fill(1);
  was.forEach((value, at) => {
    const channel = Math.floor(at / inner) % channels;
    if (Math.abs(value) <= (largest[channel] ?? 0)) return;
    largest[channel] = Math.abs(value);
    factors[channel] = (is[at] ?? 0) / value;
  });
  // A channel that is multiplied by nothing has no codes either, and any step is as good.
  return factors.map((factor) => (factor === 0 ? 1 : factor));
}
