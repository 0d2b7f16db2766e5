import type { SessionValue } from '../runtime/session';
import { bytesPerElement } from '../runtime/tensor';
import { elementsOf } from '../model/model';
import type { DataSet } from './data/data-set';

/** Samples a run when the model takes any number: more is hardly faster, and activations grow with it. */
const MOST_SAMPLES = 32;
/** Bytes of input a run, where samples are large. */
const MOST_INPUT_BYTES = 32 * 1024 ** 2;

/**
 * The batch that a model's inputs are fixed to; null where it is free. Of inputs that a set does not feed sample by
 * sample, the first dimension is no batch.
 */
export function fixedBatch(inputs: readonly SessionValue[], set: DataSet | null): number | null {
  for (const { name, shape } of inputs) {
    if (set !== null && set.inputs[name] === undefined) continue;
    const batch = shape?.[0];
    if (typeof batch === 'number' && batch > 0) return batch;
  }
  return null;
}

/** Samples a run for a model whose batch is free. */
export function freeBatch(set: DataSet): number {
  const sampleBytes = Object.values(set.inputs).reduce(
    (sum, { dtype, shape }) => sum + elementsOf(shape) * bytesPerElement(dtype),
    0,
  );
  return Math.max(1, Math.min(MOST_SAMPLES, Math.floor(MOST_INPUT_BYTES / Math.max(1, sampleBytes))));
}

/** The positions 0 to `length` - 1 in runs of `size`; the last run is shorter. */
export function* positionsInBatches(length: number, size: number): Generator<number[]> {
  for (let start = 0; start < length; start += size) {
    yield Array.from({ length: Math.min(size, length - start) }, (_, index) => start + index);
  }
}
