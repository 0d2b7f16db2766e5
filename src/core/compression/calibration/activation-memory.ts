import { inferShapes } from '../../analysis/shapes';
import { elementsOf, type Model } from '../../model/model';

/** Activations that calibration holds at once: enough for batches of small images, little beside a large model. */
export const MAX_ACTIVATION_BYTES = 256 * 1024 ** 2;

/**
 * Activations that one run hands over for counting. More at once is no faster, since the processor's caches hold no
 * more, and what a run left behind is freed late.
 */
export const COUNTED_BYTES = 8 * 1024 ** 2;

const FLOAT32_BYTES = 4;

/** float32 bytes of each value for one sample. Dimensions that depend on the input count as 1: it is a lower bound. */
export function sampleBytes(model: Model, values: Iterable<string>): Map<string, number> {
  const types = inferShapes(model);
  const bytes = new Map<string, number>();
  for (const value of values) {
    const shape = types.get(value)?.shape ?? [];
    bytes.set(value, FLOAT32_BYTES * elementsOf(shape.map((size) => (typeof size === 'number' ? size : 1))));
  }
  return bytes;
}

/** Samples a run that keep all these values under the limit; at least one. */
export function samplesThatFit(bytes: ReadonlyMap<string, number>, limit: number): number {
  const each = [...bytes.values()].reduce((sum, size) => sum + size, 0);
  return Math.max(1, Math.floor(limit / Math.max(each, 1)));
}

/** Values in groups whose bytes for one sample stay under the limit; a value larger than it is a group of its own. */
export function groupsThatFit(bytes: ReadonlyMap<string, number>, limit: number): string[][] {
  const groups: string[][] = [];
  let held = Infinity;
  for (const [value, size] of bytes) {
    if (held + size > limit) {
      groups.push([]);
      held = 0;
    }
    groups.at(-1)?.push(value);
    held += size;
  }
  return groups;
}
