import type { ByteStream } from '../../model/model';

/** The positions of the ones of a mask (one bit an element, low bits first), ascending, a chunk at a time. */
export async function* positionsOf(mask: ByteStream, signal?: AbortSignal): AsyncGenerator<number[]> {
  let first = 0;
  for await (const bytes of mask.chunks(signal)) {
    const positions: number[] = [];
    for (let index = 0; index < bytes.length; index++) {
      for (let left = bytes[index] ?? 0; left !== 0; left &= left - 1) {
        positions.push(first + index * 8 + 31 - Math.clz32(left & -left));
      }
    }
    first += bytes.length * 8;
    yield positions;
  }
}

/**
 * How many steps of at most `largest` lead from position to position. The first is counted from position 0, so that it
 * may be 0. A gap that one step does not span takes fillers, each as long as a step can be, before the step that ends it:
 * `max(1, ceil(gap / largest))` in all.
 */
export async function stepCount(mask: ByteStream, largest = 255, signal?: AbortSignal): Promise<number> {
  let steps = 0;
  let last = 0;
  for await (const positions of positionsOf(mask, signal)) {
    for (const position of positions) {
      steps += Math.max(1, Math.ceil((position - last) / largest));
      last = position;
    }
  }
  return steps;
}
