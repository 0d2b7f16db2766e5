import { nextSegment, segmentCount, segmentFirst, segmentScale, sharesScale } from './walk';

/*
 * code = clip(round(value / scale) + zeroPoint, low, high), halves to even; NaN counts as 0, infinities go to the ends.
 * The division is kept (no reciprocal): codes equal those of the formula for every value. Zero points are added after
 * clipping by limits moved against them, so that sums are of small integers, which float32 holds.
 */

/** Codes of four values as int32. */
function codes(values: v128, scales: v128, zeros: v128, lows: v128, highs: v128): v128 {
  const numbers = v128.and(values, f32x4.eq(values, values));
  const rounded = f32x4.nearest(f32x4.div(numbers, scales));
  const clipped = f32x4.pmax(f32x4.sub(lows, zeros), f32x4.pmin(f32x4.sub(highs, zeros), rounded));
  return i32x4.trunc_sat_f32x4_s(f32x4.add(clipped, zeros));
}

function code(value: f32, scale: f32, zero: f32, low: f32, high: f32): i32 {
  const rounded = value == value ? nearest<f32>(value / scale) : 0;
  return <i32>(max(low - zero, min(high - zero, rounded)) + zero);
}

/** The low bytes of sixteen codes. */
function bytes(a: v128, b: v128, c: v128, d: v128): v128 {
  const mask = i16x8.splat(0xff);
  const low = v128.and(i16x8.narrow_i32x4_s(a, b), mask);
  const high = v128.and(i16x8.narrow_i32x4_s(c, d), mask);
  return i8x16.narrow_i16x8_u(low, high);
}

function floatsAt(at: usize): v128 {
  return f32x4.convert_i32x4_s(v128.load(at));
}

/** One run of one scale. */
function quantizeRun(from: usize, count: i32, scale: f32, zero: f32, low: f32, high: f32, to: usize): void {
  const s = f32x4.splat(scale);
  const z = f32x4.splat(zero);
  const l = f32x4.splat(low);
  const h = f32x4.splat(high);
  const vectors = count & ~15;
  for (let i = 0; i < vectors; i += 16) {
    const at = from + ((<usize>i) << 2);
    const a = codes(v128.load(at), s, z, l, h);
    const b = codes(v128.load(at, 16), s, z, l, h);
    const c = codes(v128.load(at, 32), s, z, l, h);
    const d = codes(v128.load(at, 48), s, z, l, h);
    v128.store(to + <usize>i, bytes(a, b, c, d));
  }
  for (let i = vectors; i < count; i++) {
    store<u8>(to + <usize>i, <u8>code(load<f32>(from + ((<usize>i) << 2)), scale, zero, low, high));
  }
}

/** A part of a row: scales and zero points side by side. */
function quantizeRow(from: usize, count: i32, scales: usize, zeros: usize, low: f32, high: f32, to: usize): void {
  const l = f32x4.splat(low);
  const h = f32x4.splat(high);
  const vectors = count & ~15;
  for (let i = 0; i < vectors; i += 16) {
    const lane = (<usize>i) << 2;
    const at = from + lane;
    const s = scales + lane;
    const z = zeros + lane;
    const a = codes(v128.load(at), v128.load(s), floatsAt(z), l, h);
    const b = codes(v128.load(at, 16), v128.load(s, 16), floatsAt(z + 16), l, h);
    const c = codes(v128.load(at, 32), v128.load(s, 32), floatsAt(z + 32), l, h);
    const d = codes(v128.load(at, 48), v128.load(s, 48), floatsAt(z + 48), l, h);
    v128.store(to + <usize>i, bytes(a, b, c, d));
  }
  for (let i = vectors; i < count; i++) {
    const lane = (<usize>i) << 2;
    const zero = <f32>load<i32>(zeros + lane);
    store<u8>(to + <usize>i, <u8>code(load<f32>(from + lane), load<f32>(scales + lane), zero, low, high));
  }
}

/** Float32 to one byte a code. `scales` (float32) and `zeroPoints` (int32) are those of the walk. */
export function quantize(input: usize, scales: usize, zeroPoints: usize, low: f32, high: f32, output: usize): void {
  const runs = sharesScale();
  while (nextSegment()) {
    const from = input + ((<usize>segmentFirst) << 2);
    const at = (<usize>segmentScale) << 2;
    const to = output + <usize>segmentFirst;
    if (runs) {
      const zero = <f32>load<i32>(zeroPoints + at);
      quantizeRun(from, segmentCount, load<f32>(scales + at), zero, low, high, to);
    } else {
      quantizeRow(from, segmentCount, scales + at, zeroPoints + at, low, high, to);
    }
  }
}

/** What a value loses by its code: (value - (code - zero) * scale), 0 for what is not finite. */
function losses(values: v128, scales: v128, zeros: v128, lows: v128, highs: v128): v128 {
  const numbers = v128.and(values, f32x4.eq(values, values));
  const rounded = f32x4.nearest(f32x4.div(numbers, scales));
  const steps = f32x4.pmax(f32x4.sub(lows, zeros), f32x4.pmin(f32x4.sub(highs, zeros), rounded));
  const loss = f32x4.sub(numbers, f32x4.mul(steps, scales));
  // The loss of an infinity is infinite, or NaN: neither is below the largest magnitude.
  return v128.and(loss, f32x4.le(f32x4.abs(loss), f32x4.splat(f32.MAX_VALUE)));
}

function loss(value: f32, scale: f32, zero: f32, low: f32, high: f32): f64 {
  if (!(abs(value) <= f32.MAX_VALUE)) return 0;
  const steps = max(low - zero, min(high - zero, nearest<f32>(value / scale)));
  const difference = <f64>(value - steps * scale);
  return difference * difference;
}

function lossOfRun(from: usize, count: i32, scale: f32, zero: f32, low: f32, high: f32): f64 {
  const s = f32x4.splat(scale);
  const z = f32x4.splat(zero);
  const l = f32x4.splat(low);
  const h = f32x4.splat(high);
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const lost = losses(v128.load(from + ((<usize>i) << 2)), s, z, l, h);
    const d0 = f64x2.promote_low_f32x4(lost);
    const d1 = f64x2.promote_low_f32x4(v128.shuffle<i32>(lost, lost, 2, 3, 2, 3));
    sum0 = f64x2.add(sum0, f64x2.mul(d0, d0));
    sum1 = f64x2.add(sum1, f64x2.mul(d1, d1));
  }
  const both = f64x2.add(sum0, sum1);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (let i = vectors; i < count; i++) sum += loss(load<f32>(from + ((<usize>i) << 2)), scale, zero, low, high);
  return sum;
}

function lossOfRow(from: usize, count: i32, scales: usize, zeros: usize, low: f32, high: f32, sums: usize): void {
  const l = f32x4.splat(low);
  const h = f32x4.splat(high);
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const lane = (<usize>i) << 2;
    const lost = losses(v128.load(from + lane), v128.load(scales + lane), floatsAt(zeros + lane), l, h);
    const d0 = f64x2.promote_low_f32x4(lost);
    const d1 = f64x2.promote_low_f32x4(v128.shuffle<i32>(lost, lost, 2, 3, 2, 3));
    const at = sums + ((<usize>i) << 3);
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(d0, d0)));
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(d1, d1)), 16);
  }
  for (let i = vectors; i < count; i++) {
    const lane = (<usize>i) << 2;
    const at = sums + ((<usize>i) << 3);
    const zero = <f32>load<i32>(zeros + lane);
    store<f64>(at, load<f64>(at) + loss(load<f32>(from + lane), load<f32>(scales + lane), zero, low, high));
  }
}

/** Adds the squared errors of finite values under the codes that `quantize` would give to `sums` (float64, one a scale). */
export function quantizationLoss(
  input: usize,
  scales: usize,
  zeroPoints: usize,
  low: f32,
  high: f32,
  sums: usize,
): void {
  const runs = sharesScale();
  while (nextSegment()) {
    const from = input + ((<usize>segmentFirst) << 2);
    const at = (<usize>segmentScale) << 2;
    const to = sums + ((<usize>segmentScale) << 3);
    if (runs) {
      const zero = <f32>load<i32>(zeroPoints + at);
      store<f64>(to, load<f64>(to) + lossOfRun(from, segmentCount, load<f32>(scales + at), zero, low, high));
    } else {
      lossOfRow(from, segmentCount, scales + at, zeroPoints + at, low, high, to);
    }
  }
}
