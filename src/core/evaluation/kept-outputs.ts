import type { OutputValues } from './metrics/metric';

/** What one model's outputs may take in memory: the samples that fit are what another model is compared on. */
const MOST_KEPT_BYTES = 64 * 1024 ** 2;

/** A model's outputs for the first samples of a set, to hold another model's against. */
export interface KeptOutputs {
  /** The first `samples` samples of the set. */
  readonly samples: number;
  /** By output: `size` values a sample, as float32. */
  readonly outputs: ReadonlyMap<string, { readonly size: number; readonly values: Float32Array }>;
}

/** Keeps what fits of the outputs that come batch by batch, in the order of the set. */
export class OutputKeeper {
  private outputs: Map<string, { size: number; values: Float32Array }> | null = null;
  private capacity = 0;
  private samples = 0;
  private irregular = false;

  /** @param length samples in the set */
  constructor(private readonly length: number) {}

  add(batch: Readonly<Record<string, OutputValues>>, count: number): void {
    this.outputs ??= this.allocate(batch);
    const taken = Math.min(count, this.capacity - this.samples);
    for (const [name, { size, values }] of this.outputs) {
      const given = batch[name];
      // Outputs whose size depends on the sample (boxes found, words said) have nothing to be compared with by place.
      if (given?.size !== size) this.irregular = true;
      else values.set(given.values.subarray(0, taken * size), this.samples * size);
    }
    this.samples += taken;
  }

  /** Null where nothing was kept. */
  kept(): KeptOutputs | null {
    if (this.outputs === null || this.irregular || this.samples === 0) return null;
    return { samples: this.samples, outputs: this.outputs };
  }

  private allocate(batch: Readonly<Record<string, OutputValues>>): Map<string, { size: number; values: Float32Array }> {
    const sizes = Object.entries(batch).map(([name, { size }]) => ({ name, size }));
    const sampleBytes = sizes.reduce((sum, { size }) => sum + size * Float32Array.BYTES_PER_ELEMENT, 0);
    this.capacity = sampleBytes === 0 ? 0 : Math.min(this.length, Math.floor(MOST_KEPT_BYTES / sampleBytes));
    return new Map(sizes.map(({ name, size }) => [name, { size, values: new Float32Array(size * this.capacity) }]));
  }
}
