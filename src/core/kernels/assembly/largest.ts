import { INFINITY_BITS } from './finite';
import { nextSegment, segmentCount, segmentFirst, segmentScale, sharesScale } from './walk';

/*
 * The largest keys of each scale's elements, in a heap whose root is the least of them. A key is a float32's bits, some
 * of them masked off or flipped: without the sign, magnitudes; as they are, positive values in their order; with the
 * sign flipped, negative ones. Heaps begin as zeros, and only greater keys enter.
 */

function sink(heap: usize, size: i32, key: i32): void {
  let at = 0;
  while (true) {
    let child = 2 * at + 1;
    if (child >= size) break;
    let least = load<i32>(heap + ((<usize>child) << 2));
    if (child + 1 < size) {
      const right = load<i32>(heap + ((<usize>(child + 1)) << 2));
      if (right < least) {
        least = right;
        child++;
      }
    }
    if (least >= key) break;
    store<i32>(heap + ((<usize>at) << 2), least);
    at = child;
  }
  store<i32>(heap + ((<usize>at) << 2), key);
}

/** `key = (bits & mask) ^ flip`, of finite values. `heaps`: `size` int32 a scale of the walk. */
export function largest(input: usize, mask: i32, flip: i32, size: i32, heaps: usize): void {
  const runs = sharesScale();
  while (nextSegment()) {
    const from = input + ((<usize>segmentFirst) << 2);
    let heap = heaps + ((<usize>(segmentScale * size)) << 2);
    for (let i = 0; i < segmentCount; i++) {
      const key = (load<i32>(from + ((<usize>i) << 2)) & mask) ^ flip;
      if (key > load<i32>(heap) && key < INFINITY_BITS) sink(heap, size, key);
      if (!runs) heap += (<usize>size) << 2;
    }
  }
}
