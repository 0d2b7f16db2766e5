import { countLanes, finiteMask, isFiniteValue, magnitude } from './finite';

/* Counts in bins of equal width that meet at zero. The width is a power of two, so that dividing by it is exact. */

/** Bins on each side of zero. */
const SIDE: i32 = 4096;
/** Bytes of one table of counters (uint32). There are four, one a lane: equal neighbours do not wait for each other. */
const TABLE: usize = 2 * 4096 * 4;

function count1(table: usize, bin: i32): void {
  const at = table + ((<usize>bin) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Writes the smallest and largest finite value to `extremes` (float32); returns how many are NaN or infinite. */
export function rangeOf(input: usize, count: i32, extremes: usize): i32 {
  let lows = f32x4.splat(f32.MAX_VALUE);
  let highs = f32x4.splat(-f32.MAX_VALUE);
  let finite = i32x4.splat(0);
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const values = v128.load(input + ((<usize>i) << 2));
    const mask = finiteMask(magnitude(values));
    finite = i32x4.sub(finite, mask);
    lows = f32x4.pmin(lows, v128.bitselect(values, lows, mask));
    highs = f32x4.pmax(highs, v128.bitselect(values, highs, mask));
  }
  let low = min(
    min(f32x4.extract_lane(lows, 0), f32x4.extract_lane(lows, 1)),
    min(f32x4.extract_lane(lows, 2), f32x4.extract_lane(lows, 3)),
  );
  let high = max(
    max(f32x4.extract_lane(highs, 0), f32x4.extract_lane(highs, 1)),
    max(f32x4.extract_lane(highs, 2), f32x4.extract_lane(highs, 3)),
  );
  let found = countLanes(finite);
  for (let i = vectors; i < count; i++) {
    const value = load<f32>(input + ((<usize>i) << 2));
    if (!isFiniteValue(value)) continue;
    found++;
    low = min(low, value);
    high = max(high, value);
  }
  store<f32>(extremes, low);
  store<f32>(extremes + 4, high);
  return count - found;
}

/**
 * Adds one to the counter of each value's bin, `floor(value * perWidth) + 4096`, in one of four tables of 8,192 uint32.
 * Values lie within the bins.
 */
export function countBins(input: usize, count: i32, perWidth: f32, tables: usize): void {
  const factors = f32x4.splat(perWidth);
  const sides = i32x4.splat(SIDE);
  const vectors = count & ~3;
  let at = input;
  const end = input + ((<usize>vectors) << 2);
  while (at < end) {
    const scaled = f32x4.floor(f32x4.mul(v128.load(at), factors));
    const bins = i32x4.add(i32x4.trunc_sat_f32x4_s(scaled), sides);
    count1(tables, i32x4.extract_lane(bins, 0));
    count1(tables + TABLE, i32x4.extract_lane(bins, 1));
    count1(tables + 2 * TABLE, i32x4.extract_lane(bins, 2));
    count1(tables + 3 * TABLE, i32x4.extract_lane(bins, 3));
    at += 16;
  }
  for (let i = vectors; i < count; i++) {
    count1(tables, <i32>floor<f32>(load<f32>(input + ((<usize>i) << 2)) * perWidth) + SIDE);
  }
}

/** Writes the four counters' sums of bins `from` to `to - 1` to `output` (uint32, of bin 0 on), and clears them. */
export function takeBins(tables: usize, from: i32, to: i32, output: usize): void {
  const zero = i32x4.splat(0);
  for (let bin = from & ~3; bin < to; bin += 4) {
    const at = tables + ((<usize>bin) << 2);
    const half = i32x4.add(v128.load(at), v128.load(at + TABLE));
    const rest = i32x4.add(v128.load(at + 2 * TABLE), v128.load(at + 3 * TABLE));
    v128.store(output + ((<usize>bin) << 2), i32x4.add(half, rest));
    v128.store(at, zero);
    v128.store(at + TABLE, zero);
    v128.store(at + 2 * TABLE, zero);
    v128.store(at + 3 * TABLE, zero);
  }
}
