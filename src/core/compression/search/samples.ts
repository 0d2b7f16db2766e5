import { fixedBatch, freeBatch, positionsInBatches } from '../../evaluation/batching';
import type { Batch, DataSet } from '../../evaluation/data';
import { elementsOf } from '../../model/model';
import type { SessionValue } from '../../runtime/session';
import { bytesPerElement } from '../../runtime/tensor';

/** Samples of a search stay in memory up to this many bytes, since they are run hundreds of times. */
export const MOST_KEPT_BYTES = 128 * 1024 ** 2;

/** Samples that models are run on over and over, in batches of the size that they take. */
export class Samples {
  private readonly kept = new Map<number, Batch>();
  private readonly positions: readonly number[][];
  private readonly keeps: boolean;

  /**
   * @param positions in the set, in order
   * @param batch samples a run
   */
  constructor(
    private readonly set: DataSet,
    readonly chosen: Int32Array,
    readonly batch: number,
  ) {
    this.positions = [...positionsInBatches(chosen.length, batch)];
    this.keeps = chosen.length * bytesOfSample(set) <= MOST_KEPT_BYTES;
  }

  get length(): number {
    return this.chosen.length;
  }

  get batches(): number {
    return this.positions.length;
  }

  /** Labels of the samples; null where the set has none. */
  labels(): Int32Array | null {
    const { labels } = this.set;
    return labels && this.chosen.map((position) => labels[position] ?? -1);
  }

  /** Whole batches: the last one is filled up with its last sample. */
  async at(index: number): Promise<{ batch: Batch; samples: number }> {
    const places = this.positions[index] ?? [];
    const known = this.kept.get(index);
    if (known !== undefined) return { batch: known, samples: places.length };
    const indices = Array.from({ length: this.batch }, (_, at) => {
      const place = places[Math.min(at, places.length - 1)] ?? 0;
      return this.chosen[place] ?? 0;
    });
    const batch = await this.set.batch(indices);
    if (this.keeps) this.kept.set(index, batch);
    return { batch, samples: places.length };
  }
}

/** `count` positions of 0 to `length` - 1, evenly apart: the same for the same numbers. */
export function evenly(length: number, count: number): Int32Array {
  const most = Math.min(length, count);
  return Int32Array.from({ length: most }, (_, index) => Math.floor((index * length) / most));
}

/** Samples a run: what the model is fixed to, else what suits the set. */
export function batchOf(inputs: readonly SessionValue[], set: DataSet): number {
  return fixedBatch(inputs, set) ?? freeBatch(set);
}

export function bytesOfSample(set: DataSet): number {
  return Object.values(set.inputs).reduce(
    (sum, { dtype, shape }) => sum + elementsOf(shape) * bytesPerElement(dtype),
    0,
  );
}
