import { finiteMask, INFINITY_BITS, isFiniteValue, magnitude, MAGNITUDE } from './finite';
import { nextSegment, segmentCount, segmentFirst, segmentScale, sharesScale } from './walk';

/* Least and largest finite value of each scale's elements. */

function lowest(four: v128): f32 {
  const two = f32x4.pmin(four, v128.shuffle<i32>(four, four, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmin(two, v128.shuffle<i32>(two, two, 1, 0, 3, 2)), 0);
}

function highest(four: v128): f32 {
  const two = f32x4.pmax(four, v128.shuffle<i32>(four, four, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(two, v128.shuffle<i32>(two, two, 1, 0, 3, 2)), 0);
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
    least = value < least ? value : least;
    most = value > most ? value : most;
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

/** The largest finite magnitude's bits, which are in the order of the values. */
function peakOfRun(from: usize, count: i32, known: i32): i32 {
  let peaks = i32x4.splat(known);
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const bits = magnitude(v128.load(from + ((<usize>i) << 2)));
    peaks = i32x4.max_s(peaks, v128.and(bits, finiteMask(bits)));
  }
  const two = i32x4.max_s(peaks, v128.shuffle<i32>(peaks, peaks, 2, 3, 0, 1));
  let peak = i32x4.extract_lane(i32x4.max_s(two, v128.shuffle<i32>(two, two, 1, 0, 3, 2)), 0);
  for (let i = vectors; i < count; i++) {
    const bits = load<i32>(from + ((<usize>i) << 2)) & MAGNITUDE;
    if (bits < INFINITY_BITS && bits > peak) peak = bits;
  }
  return peak;
}

function peaksOfRow(from: usize, count: i32, peaks: usize): void {
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const lane = (<usize>i) << 2;
    const bits = magnitude(v128.load(from + lane));
    v128.store(peaks + lane, i32x4.max_s(v128.load(peaks + lane), v128.and(bits, finiteMask(bits))));
  }
  for (let i = vectors; i < count; i++) {
    const lane = (<usize>i) << 2;
    const bits = load<i32>(from + lane) & MAGNITUDE;
    if (bits < INFINITY_BITS) store<i32>(peaks + lane, max(load<i32>(peaks + lane), bits));
  }
}

/** Raises `peaks` (float32, not negative, one a scale of the walk) to the largest finite magnitude. */
export function peaks(input: usize, peaks: usize): void {
  const runs = sharesScale();
  while (nextSegment()) {
    const from = input + ((<usize>segmentFirst) << 2);
    const at = peaks + ((<usize>segmentScale) << 2);
    if (runs) store<i32>(at, peakOfRun(from, segmentCount, load<i32>(at)));
    else peaksOfRow(from, segmentCount, at);
  }
}
