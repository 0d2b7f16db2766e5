import { layersOf, type LayerWeight } from '../analysis/layers';
import { openWeights } from '../formats/weight-reader';
import { loadKernels } from '../kernels';
import type { Model } from '../model/model';
import { throwIfCancelled } from '../progress';
import { storedValues } from './encodings/stored';
import { signalToNoise } from './signal-to-noise';

/** How far a layer's main weight is from what it was. */
export interface WeightError {
  readonly layer: string;
  /** As the compressed model stores it. */
  readonly weight: string;
  /** Signal to quantization noise in dB; null where nothing changed. */
  readonly sqnrDb: number | null;
}

/**
 * Compares the main weights of the layers that both models have, by name, as the files mean them: written files are
 * read back, not what a pass intended. Layers whose weights have another shape are left out: they were changed by more
 * than their storage.
 * @throws EdgewiseError `cancelled`, `changed`, `not-found`.
 */
export async function weightErrors(before: Model, after: Model, signal?: AbortSignal): Promise<WeightError[]> {
  const kernels = await loadKernels();
  const [left, right] = await Promise.all([openWeights(before), openWeights(after)]);
  const errors: WeightError[] = [];
  try {
    const originals = mainWeights(before);
    for (const [layer, weight] of mainWeights(after)) {
      if (signal) throwIfCancelled(signal);
      const original = originals.get(layer);
      if (original === undefined || original.shape.join() !== weight.shape.join()) continue;
      const values = storedValues(kernels, left, original);
      const others = storedValues(kernels, right, weight);
      if (values === null || others === null) continue;
      errors.push({ layer, weight: weight.name, sqnrDb: await signalToNoise(kernels, values, others, signal) });
    }
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
  return errors;
}

/** What each layer computes with, by the layer's name. */
export function mainWeights(model: Model): Map<string, LayerWeight> {
  const weights = new Map<string, LayerWeight>();
  for (const layer of layersOf(model)) {
    const main = layer.weights.find((weight) => weight.role === 'weight');
    if (main !== undefined) weights.set(layer.name, main);
  }
  return weights;
}
