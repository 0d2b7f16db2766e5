import { finiteMask, isFiniteValue, magnitude } from './finite';
import { nextSegment, segmentCount, segmentFirst, segmentScale, sharesScale } from './walk';

/* Least and largest finite value of each scale's elements. */

function lowest(four: v128): f32 {
  return min(
    min(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)),
    min(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)),
  );
}

function highest(four: v128): f32 {
  return max(
    max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)),
    max(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)),
  );
}

function rangeOfRun(from: usize, count: i32, low: usize, high: usize): void {
  let lows = f32x4.splat(load<f32>(low));
  let highs = f32x4.splat(load<f32>(high));
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const values = v128.load(from + ((<usize>i) << 2));
    const finite = finiteMask(magnitude(values));
    lows = f32x4.pmin(lows, v128.bitselect(values, lows, finite));
    highs = f32x4.pmax(highs, v128.bitselect(values, highs, finite));
  }
  let least = lowest(lows);
  let most = highest(highs);
  for (let i = vectors; i < count; i++) {
    const value = load<f32>(from + ((<usize>i) << 2));
    if (!isFiniteValue(value)) continue;
    least = min(least, value);
    most = max(most, value);
  }
  store<f32>(low, least);
  store<f32>(high, most);
}

function rangesOfRow(from: usize, count: i32, lows: usize, highs: usize): void {
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const lane = (<usize>i) << 2;
    const values = v128.load(from + lane);
    const finite = finiteMask(magnitude(values));
    const low = v128.load(lows + lane);
    const high = v128.load(highs + lane);
    v128.store(lows + lane, f32x4.pmin(low, v128.bitselect(values, low, finite)));
    v128.store(highs + lane, f32x4.pmax(high, v128.bitselect(values, high, finite)));
  }
  for (let i = vectors; i < count; i++) {
    const lane = (<usize>i) << 2;
    const value = load<f32>(from + lane);
    if (!isFiniteValue(value)) continue;
    store<f32>(lows + lane, min(load<f32>(lows + lane), value));
    store<f32>(highs + lane, max(load<f32>(highs + lane), value));
  }
}

/** Widens the ranges [`lows`, `highs`] (float32, one a scale of the walk) to finite values. */
export function extremes(input: usize, lows: usize, highs: usize): void {
  const runs = sharesScale();
  while (nextSegment()) {
    const from = input + ((<usize>segmentFirst) << 2);
    const at = (<usize>segmentScale) << 2;
    if (runs) rangeOfRun(from, segmentCount, lows + at, highs + at);
    else rangesOfRow(from, segmentCount, lows + at, highs + at);
  }
}
