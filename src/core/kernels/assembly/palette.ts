import { INFINITY_BITS, MAGNITUDE } from './finite';
import { nextSegment, segmentCount, segmentFirst, segmentScale } from './walk';

/*
 * Codes into tables of 2^bits ascending entries, one table a scale of the walk, whose rows are single elements. A code
 * is the number of thresholds that a value reaches: thresholds lie half way between entries, in ascending order. NaN
 * counts as 0, infinities as the largest finite values, so that a threshold of infinity is never reached.
 */

function numbersOf(values: v128): v128 {
  const numbers = v128.and(values, f32x4.eq(values, values));
  return f32x4.pmax(f32x4.splat(-f32.MAX_VALUE), f32x4.pmin(f32x4.splat(f32.MAX_VALUE), numbers));
}

/** Bits of the number that a value counts as; by integers, since comparisons of float32 that heed NaN are slower. */
function numberBits(bits: i32): i32 {
  const magnitude = bits & MAGNITUDE;
  const finite = (bits ^ magnitude) | min(magnitude, INFINITY_BITS - 1);
  return magnitude > INFINITY_BITS ? 0 : finite;
}

/** One code: halves what is left of the table with every step, without branches. */
function codeOf(value: f32, thresholds: usize, half: i32): i32 {
  let code = 0;
  for (let step = half; step > 0; step >>= 1) {
    const reached = <i32>(value >= load<f32>(thresholds + ((<usize>(code + step - 1)) << 2)));
    code += -reached & step;
  }
  return code;
}

/** Sixteen values a step against every threshold: faster than searching up to sixteen entries. */
function assignFew(from: usize, count: i32, thresholds: usize, bits: i32, to: usize): void {
  const entries = (1 << bits) - 1;
  const vectors = count & ~15;
  for (let i = 0; i < vectors; i += 16) {
    const at = from + ((<usize>i) << 2);
    const a = numbersOf(v128.load(at));
    const b = numbersOf(v128.load(at, 16));
    const c = numbersOf(v128.load(at, 32));
    const d = numbersOf(v128.load(at, 48));
    let codesA = i32x4.splat(0);
    let codesB = i32x4.splat(0);
    let codesC = i32x4.splat(0);
    let codesD = i32x4.splat(0);
    for (let entry = 0; entry < entries; entry++) {
      const threshold = v128.load32_splat(thresholds + ((<usize>entry) << 2));
      codesA = i32x4.sub(codesA, f32x4.ge(a, threshold));
      codesB = i32x4.sub(codesB, f32x4.ge(b, threshold));
      codesC = i32x4.sub(codesC, f32x4.ge(c, threshold));
      codesD = i32x4.sub(codesD, f32x4.ge(d, threshold));
    }
    const low = i16x8.narrow_i32x4_s(codesA, codesB);
    const high = i16x8.narrow_i32x4_s(codesC, codesD);
    v128.store(to + <usize>i, i8x16.narrow_i16x8_u(low, high));
  }
  assignMany(from + ((<usize>vectors) << 2), count - vectors, thresholds, bits, to + <usize>vectors);
}

function assignMany(from: usize, count: i32, thresholds: usize, bits: i32, to: usize): void {
  const half = 1 << (bits - 1);
  for (let i = 0; i < count; i++) {
    const value = reinterpret<f32>(numberBits(load<i32>(from + ((<usize>i) << 2))));
    store<u8>(to + <usize>i, <u8>codeOf(value, thresholds, half));
  }
}

/** Float32 to one byte a code. `thresholds`: 2^bits float32 a table, the last one infinite. */
export function assign(input: usize, thresholds: usize, bits: i32, output: usize): void {
  while (nextSegment()) {
    const from = input + ((<usize>segmentFirst) << 2);
    const table = thresholds + ((<usize>(segmentScale << bits)) << 2);
    const to = output + <usize>segmentFirst;
    if (bits <= 4) assignFew(from, segmentCount, table, bits, to);
    else assignMany(from, segmentCount, table, bits, to);
  }
}

/**
 * `assign` by a table of 65,536 codes: that of the least value with the same upper 16 bits. `steps` is the most
 * thresholds that any such values have between them: so many comparisons lead from there to the code.
 */
export function assignFrom(input: usize, thresholds: usize, bits: i32, starts: usize, steps: i32, output: usize): void {
  while (nextSegment()) {
    const from = input + ((<usize>segmentFirst) << 2);
    const table = thresholds + ((<usize>(segmentScale << bits)) << 2);
    const codes = starts + ((<usize>segmentScale) << 16);
    const to = output + <usize>segmentFirst;
    for (let i = 0; i < segmentCount; i++) {
      const bits = numberBits(load<i32>(from + ((<usize>i) << 2)));
      const value = reinterpret<f32>(bits);
      let code = <i32>load<u8>(codes + <usize>((<u32>bits) >> 16));
      for (let step = 0; step < steps; step++) {
        code += <i32>(value >= load<f32>(table + ((<usize>code) << 2)));
      }
      store<u8>(to + <usize>i, <u8>code);
    }
  }
}

/** One byte a code to float32. `tables`: 2^bits float32 a table. */
export function lookUp(input: usize, tables: usize, bits: i32, output: usize): void {
  while (nextSegment()) {
    const from = input + <usize>segmentFirst;
    const table = tables + ((<usize>(segmentScale << bits)) << 2);
    const to = output + ((<usize>segmentFirst) << 2);
    for (let i = 0; i < segmentCount; i++) {
      const code = <usize>load<u8>(from + <usize>i);
      store<f32>(to + ((<usize>i) << 2), load<f32>(table + (code << 2)));
    }
  }
}
