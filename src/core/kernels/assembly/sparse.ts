import { INFINITY_BITS, MAGNITUDE } from './finite';

/* Zeros and what is not. NaN counts as zero: a weight that means nothing is nothing. */

/** Magnitude bits below the sixteen upper ones. */
const LOWER_BITS: i32 = 15;
const LOWER: i32 = (1 << LOWER_BITS) - 1;

function magnitudeAt(at: usize): i32 {
  const bits = load<i32>(at) & MAGNITUDE;
  return bits > INFINITY_BITS ? 0 : bits;
}

function count1(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/** Counts values by the upper 16 of the 31 bits of their magnitude: 65,536 uint32. */
export function tallyMagnitudes(input: usize, count: i32, table: usize): void {
  for (let i = 0; i < count; i++) {
    count1(table + ((<usize>(magnitudeAt(input + ((<usize>i) << 2)) >> LOWER_BITS)) << 2));
  }
}

/** Counts values with these upper 16 bits by the lower 15: 32,768 uint32. */
export function tallyWithin(input: usize, count: i32, upper: i32, table: usize): void {
  for (let i = 0; i < count; i++) {
    const magnitude = magnitudeAt(input + ((<usize>i) << 2));
    if (magnitude >> LOWER_BITS == upper) count1(table + ((<usize>(magnitude & LOWER)) << 2));
  }
}

/**
 * Makes values zero, in place, whose magnitude bits are below `threshold`, and the first `ties` of those that have just
 * these. NaN and negative zero become zero. Returns how many ties there were, up to `ties`.
 */
export function prune(input: usize, count: i32, threshold: i32, ties: i32): i32 {
  const thresholds = i32x4.splat(threshold);
  const infinity = i32x4.splat(INFINITY_BITS);
  const zero = i32x4.splat(0);
  let found = 0;
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const at = input + ((<usize>i) << 2);
    const values = v128.load(at);
    const bits = v128.and(values, i32x4.splat(MAGNITUDE));
    if (found < ties && v128.any_true(i32x4.eq(bits, thresholds))) {
      for (let lane = 0; lane < 4; lane++) found += pruneOne(at + ((<usize>lane) << 2), threshold, found < ties);
      continue;
    }
    const stays = v128.and(i32x4.ge_s(bits, thresholds), i32x4.le_s(bits, infinity));
    v128.store(at, v128.and(values, v128.and(stays, i32x4.ne(bits, zero))));
  }
  for (let i = vectors; i < count; i++) found += pruneOne(input + ((<usize>i) << 2), threshold, found < ties);
  return found;
}

/** 1 where a tie went. */
function pruneOne(at: usize, threshold: i32, tieGoes: bool): i32 {
  const bits = load<i32>(at) & MAGNITUDE;
  const tie = tieGoes && bits == threshold;
  if (tie || bits < threshold || bits > INFINITY_BITS || bits == 0) store<i32>(at, 0);
  return tie ? 1 : 0;
}

/** One bit a value, 1 where it is not zero, low bits first. The last byte is filled up with zeros. */
export function maskBits(input: usize, count: i32, output: usize): void {
  const zeros = f32x4.splat(0);
  const vectors = count & ~7;
  for (let i = 0; i < vectors; i += 8) {
    const at = input + ((<usize>i) << 2);
    const low = i32x4.bitmask(f32x4.ne(v128.load(at), zeros));
    const high = i32x4.bitmask(f32x4.ne(v128.load(at, 16), zeros));
    store<u8>(output + ((<usize>i) >> 3), <u8>(low | (high << 4)));
  }
  if (vectors == count) return;
  let bits = 0;
  for (let i = vectors; i < count; i++) {
    if (load<f32>(input + ((<usize>i) << 2)) != 0) bits |= 1 << (i - vectors);
  }
  store<u8>(output + ((<usize>vectors) >> 3), <u8>bits);
}

/** Moves values that are not zero together, in their order. `output` may be `input`. Returns how many there are. */
export function compact(input: usize, count: i32, output: usize): i32 {
  let to = output;
  for (let i = 0; i < count; i++) {
    const value = load<f32>(input + ((<usize>i) << 2));
    store<f32>(to, value);
    to += (<usize>i32(value != 0)) << 2;
  }
  return <i32>((to - output) >> 2);
}

/** Undoes `compact`: values where the mask has a 1, zeros elsewhere. */
export function expand(mask: usize, count: i32, values: usize, output: usize): void {
  let from = values;
  for (let i = 0; i < count; i++) {
    const there = ((<i32>load<u8>(mask + ((<usize>i) >> 3))) >> (i & 7)) & 1;
    store<i32>(output + ((<usize>i) << 2), there ? load<i32>(from) : 0);
    from += (<usize>there) << 2;
  }
}
