import { countLanes, finiteMask, INFINITY_BITS, magnitude, MAGNITUDE, promoteHigh, sumLanes } from './finite';

/*
 * Result of `statistics`, at `result`, eight bytes a field, all float64:
 * finite, zeros, nan, infinite, min, max, sum - pivot*n, sum of squares about the pivot, sum of magnitudes, pivot.
 */

function put(result: usize, field: i32, value: f64): void {
  store<f64>(result + (field << 3), value);
}

/** The first finite value, or 0: sums of squares about it lose no digits when the mean is far from zero. */
function firstFinite(input: usize, count: i32): f32 {
  for (let i = 0; i < count; i++) {
    const value = load<f32>(input + ((<usize>i) << 2));
    if ((reinterpret<i32>(value) & MAGNITUDE) < INFINITY_BITS) return value;
  }
  return 0;
}

/** Figures of one chunk of float32. NaN and infinities are counted and left out of the rest. */
export function statistics(input: usize, count: i32, result: usize): void {
  const pivotValue = firstFinite(input, count);
  const pivot = <f64>pivotValue;
  const pivots = f64x2.splat(pivot);
  const pivotLanes = f32x4.splat(pivotValue);
  const zero = i32x4.splat(0);
  let low = f32x4.splat(f32.MAX_VALUE);
  let high = f32x4.splat(-f32.MAX_VALUE);
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  let square0 = f64x2.splat(0);
  let square1 = f64x2.splat(0);
  let absolute0 = f64x2.splat(0);
  let absolute1 = f64x2.splat(0);
  let finite = zero;
  let zeros = zero;
  let infinite = zero;

  const vectors = count & ~3;
  let at = input;
  const end = input + ((<usize>vectors) << 2);
  while (at < end) {
    const values = v128.load(at);
    const bits = magnitude(values);
    const mask = finiteMask(bits);
    infinite = i32x4.sub(infinite, i32x4.eq(bits, i32x4.splat(INFINITY_BITS)));
    finite = i32x4.sub(finite, mask);
    zeros = i32x4.sub(zeros, i32x4.eq(bits, zero));
    // Lanes that are not finite hold the pivot instead: it adds nothing to sums about it, nor to the extremes.
    const kept = v128.bitselect(values, pivotLanes, mask);
    low = f32x4.pmin(low, kept);
    high = f32x4.pmax(high, kept);
    const d0 = f64x2.sub(f64x2.promote_low_f32x4(kept), pivots);
    const d1 = f64x2.sub(promoteHigh(kept), pivots);
    sum0 = f64x2.add(sum0, d0);
    sum1 = f64x2.add(sum1, d1);
    square0 = f64x2.add(square0, f64x2.mul(d0, d0));
    square1 = f64x2.add(square1, f64x2.mul(d1, d1));
    const absolute = v128.and(bits, mask);
    absolute0 = f64x2.add(absolute0, f64x2.promote_low_f32x4(absolute));
    absolute1 = f64x2.add(absolute1, promoteHigh(absolute));
    at += 16;
  }

  let finiteCount = countLanes(finite);
  let zeroCount = countLanes(zeros);
  let infiniteCount = countLanes(infinite);
  let sum = sumLanes(f64x2.add(sum0, sum1));
  let square = sumLanes(f64x2.add(square0, square1));
  let total = sumLanes(f64x2.add(absolute0, absolute1));
  let least = min(
    min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)),
    min(f32x4.extract_lane(low, 2), f32x4.extract_lane(low, 3)),
  );
  let most = max(
    max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)),
    max(f32x4.extract_lane(high, 2), f32x4.extract_lane(high, 3)),
  );

  for (let i = vectors; i < count; i++) {
    const value = load<f32>(input + ((<usize>i) << 2));
    const bits = reinterpret<i32>(value) & MAGNITUDE;
    if (bits == INFINITY_BITS) infiniteCount++;
    if (bits >= INFINITY_BITS) continue;
    finiteCount++;
    if (bits == 0) zeroCount++;
    least = min(least, value);
    most = max(most, value);
    const distance = <f64>value - pivot;
    sum += distance;
    square += distance * distance;
    total += <f64>abs(value);
  }

  put(result, 0, finiteCount);
  put(result, 1, zeroCount);
  put(result, 2, count - finiteCount - infiniteCount);
  put(result, 3, infiniteCount);
  put(result, 4, least);
  put(result, 5, most);
  put(result, 6, sum);
  put(result, 7, square);
  put(result, 8, total);
  put(result, 9, pivot);
}

/*
 * Four tables of 64 counters and one for what is not finite (index 64), one table a lane: neighbours of equal value
 * then do not wait for each other's store.
 */
const BINS: i32 = 64;
const TABLE: usize = 65 * 4;

function count1(table: usize, index: i32): void {
  const at = table + ((<usize>index) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * Counts values into bins over [least, least + 64 / factor], the last one closed, at `tables` (4 x 65 uint32, which the
 * caller clears). `factor` is 64 / (max - min), or 0 when all values are equal. Values outside are clipped.
 */
export function histogram(input: usize, count: i32, least: f64, factor: f64, tables: usize): void {
  const leasts = f64x2.splat(least);
  const factors = f64x2.splat(factor);
  const last = i32x4.splat(BINS - 1);
  const outside = i32x4.splat(BINS);
  const zero = i32x4.splat(0);
  const vectors = count & ~3;
  let at = input;
  const end = input + ((<usize>vectors) << 2);
  while (at < end) {
    const values = v128.load(at);
    const mask = finiteMask(magnitude(values));
    const p0 = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(values), leasts), factors);
    const p1 = f64x2.mul(f64x2.sub(promoteHigh(values), leasts), factors);
    const i0 = i32x4.trunc_sat_f64x2_s_zero(p0);
    const i1 = i32x4.trunc_sat_f64x2_s_zero(p1);
    let index = v128.shuffle<i32>(i0, i1, 0, 1, 4, 5);
    index = i32x4.max_s(i32x4.min_s(index, last), zero);
    index = v128.bitselect(index, outside, mask);
    count1(tables, i32x4.extract_lane(index, 0));
    count1(tables + TABLE, i32x4.extract_lane(index, 1));
    count1(tables + 2 * TABLE, i32x4.extract_lane(index, 2));
    count1(tables + 3 * TABLE, i32x4.extract_lane(index, 3));
    at += 16;
  }
  for (let i = vectors; i < count; i++) {
    const value = load<f32>(input + ((<usize>i) << 2));
    let index = BINS;
    if ((reinterpret<i32>(value) & MAGNITUDE) < INFINITY_BITS) {
      index = max(0, min(BINS - 1, <i32>((<f64>value - least) * factor)));
    }
    count1(tables, index);
  }
}
