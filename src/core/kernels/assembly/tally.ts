import { nextSegment, segmentCount, segmentFirst, segmentScale } from './walk';

/*
 * What values a tensor holds, for the scales `first` to `first + slots - 1` of the walk; others are passed over.
 */

/** Bits of a float32 below its key: sign, exponent and nine bits of the mantissa are the key. */
const REST_BITS: i32 = 14;
const REST: i32 = (1 << REST_BITS) - 1;
/** Eight bytes for each of 2^18 keys: the count in the low 24 bits, the sum of the rests above them. */
const TABLE_SHIFT: i32 = 18 + 3;
const COUNT_BITS: i32 = 24;

/** Counts values by key and adds up their rests, one table a slot. Fewer than 2^24 values go into a table at once. */
export function tally(input: usize, first: i32, slots: i32, tables: usize): void {
  while (nextSegment()) {
    const slot = segmentScale - first;
    if (<u32>slot >= <u32>slots) continue;
    const table = tables + ((<usize>slot) << TABLE_SHIFT);
    const from = input + ((<usize>segmentFirst) << 2);
    for (let i = 0; i < segmentCount; i++) {
      const bits = load<u32>(from + ((<usize>i) << 2));
      const at = table + ((<usize>(bits >> REST_BITS)) << 3);
      store<u64>(at, load<u64>(at) + ((<u64>(bits & REST)) << COUNT_BITS) + 1);
    }
  }
}

/** Copies values behind those that a slot has: `cursors` (int32 a slot) count them, a slot has room for `room`. */
export function gather(input: usize, first: i32, slots: i32, cursors: usize, room: i32, output: usize): void {
  while (nextSegment()) {
    const slot = segmentScale - first;
    if (<u32>slot >= <u32>slots) continue;
    const cursor = cursors + ((<usize>slot) << 2);
    const held = load<i32>(cursor);
    const to = output + ((<usize>(slot * room + held)) << 2);
    memory.copy(to, input + ((<usize>segmentFirst) << 2), (<usize>segmentCount) << 2);
    store<i32>(cursor, held + segmentCount);
  }
}

/** Places of a table of distinct values: four for each of 256. */
const PLACES: u32 = 1024;
const PLACE_SHIFT: i32 = 32 - 10;
/** No finite value has these bits: they mark a free place. */
const FREE: i32 = -1;
const INFINITY_BITS: i32 = 0x7f800000;

/**
 * Enters finite values into tables of 1,024 float32 a scale of the walk, which begin as -1 (int32), and counts them in
 * `counts`. Negative zero is zero. Stops with the scale that has more than `limit` (up to 256), else gives -1.
 */
export function distinct(input: usize, limit: i32, counts: usize, tables: usize): i32 {
  while (nextSegment()) {
    const table = tables + ((<usize>segmentScale) << 12);
    const counter = counts + ((<usize>segmentScale) << 2);
    const from = input + ((<usize>segmentFirst) << 2);
    for (let i = 0; i < segmentCount; i++) {
      let bits = load<i32>(from + ((<usize>i) << 2));
      if ((bits & 0x7fffffff) >= INFINITY_BITS) continue;
      if ((bits & 0x7fffffff) == 0) bits = 0;
      let place = (<u32>bits * 0x9e3779b1) >> PLACE_SHIFT;
      while (true) {
        const at = table + ((<usize>place) << 2);
        const held = load<i32>(at);
        if (held == bits) break;
        if (held == FREE) {
          const count = load<i32>(counter) + 1;
          if (count > limit) return segmentScale;
          store<i32>(at, bits);
          store<i32>(counter, count);
          break;
        }
        place = (place + 1) & (PLACES - 1);
      }
    }
  }
  return -1;
}
