import type { LayerWeight } from '../../analysis/layers';
import { HISTOGRAM_BINS } from '../../analysis/statistics.schema';
import { storedValues } from '../../compression/encodings/stored';
import type { RealValues } from '../../compression/encodings/real-values';
import { mainWeights, type WeightError } from '../../compression/weight-error';
import { openWeights } from '../../formats/weight-reader';
import { loadKernels, type Kernels } from '../../kernels';
import { HISTOGRAM_TABLE_BYTES } from '../../kernels/kernels';
import { elementsOf, type Model } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import type { Distribution } from '../report.schema';

/** Of the most changed layers; a page with more of them is not read. */
const MOST_LAYERS = 200;
/** Both weights are gone through twice: about a second for so many. The most changed layers come first. */
const MOST_ELEMENTS = 100_000_000;

/**
 * Histograms of the main weights that changed, before and after, over the range of both together; the most changed
 * first, up to some limits. As the files mean them, like the errors that they belong to.
 * @throws EdgewiseError `cancelled`, `changed`, `not-found`
 */
export async function weightDistributions(
  before: Model,
  after: Model,
  errors: readonly WeightError[],
  signal?: AbortSignal,
): Promise<Distribution[]> {
  const kernels = await loadKernels();
  const [originals, weights] = [mainWeights(before), mainWeights(after)];
  const [left, right] = await Promise.all([openWeights(before), openWeights(after)]);
  const found: Distribution[] = [];
  try {
    for (const layer of mostChanged(errors, weights)) {
      if (signal) throwIfCancelled(signal);
      const [original, weight] = [originals.get(layer), weights.get(layer)];
      const values = original === undefined ? null : storedValues(kernels, left, original);
      const others = weight === undefined ? null : storedValues(kernels, right, weight);
      if (values === null || others === null) continue;
      const counted = await countBoth(kernels, values, others, signal);
      if (counted !== null) found.push({ layer, ...counted });
    }
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
  return found;
}

function mostChanged(errors: readonly WeightError[], weights: ReadonlyMap<string, LayerWeight>): string[] {
  const changed = errors.flatMap(({ layer, sqnrDb }) => (sqnrDb === null ? [] : [{ layer, sqnrDb }]));
  changed.sort((a, b) => a.sqnrDb - b.sqnrDb);
  let elements = 0;
  return changed
    .slice(0, MOST_LAYERS)
    .map(({ layer }) => layer)
    .filter((layer) => {
      const own = elementsOf(weights.get(layer)?.shape ?? []);
      if (elements + own > MOST_ELEMENTS) return false;
      elements += own;
      return true;
    });
}

/** Null where no value is finite. */
async function countBoth(
  kernels: Kernels,
  before: RealValues,
  after: RealValues,
  signal?: AbortSignal,
): Promise<Omit<Distribution, 'layer'> | null> {
  const ranges = [await rangeOf(kernels, before, signal), await rangeOf(kernels, after, signal)];
  const min = Math.min(...ranges.map((range) => range.min));
  const max = Math.max(...ranges.map((range) => range.max));
  if (!(min <= max)) return null;
  const count = (values: RealValues): Promise<number[]> => histogram(kernels, values, min, max, signal);
  return { min, max, before: await count(before), after: await count(after) };
}

async function rangeOf(
  kernels: Kernels,
  values: RealValues,
  signal?: AbortSignal,
): Promise<{ min: number; max: number }> {
  const range = { min: Infinity, max: -Infinity };
  for await (const { address, count } of values.spans(signal)) {
    const { finite, min, max } = kernels.statistics(address, count);
    if (finite === 0) continue;
    range.min = Math.min(range.min, min);
    range.max = Math.max(range.max, max);
  }
  return range;
}

async function histogram(
  kernels: Kernels,
  values: RealValues,
  min: number,
  max: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const counts = new Float64Array(HISTOGRAM_BINS);
  const tables = kernels.take(HISTOGRAM_TABLE_BYTES);
  try {
    for await (const { address, count } of values.spans(signal)) {
      kernels.histogram(address, count, min, max, tables, counts);
    }
  } finally {
    kernels.give(tables);
  }
  return [...counts];
}
