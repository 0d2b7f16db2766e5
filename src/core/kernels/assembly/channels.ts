import { finiteMask, isFiniteValue, magnitude, promoteHigh, sumLanes } from './finite';

/*
 * A tensor seen as [outer, channels, inner]: `inner` neighbours belong to one channel. A chunk starts `offset` elements
 * into the run of `channel`. Where inner is 1 (a matrix whose last axis holds the outputs) the column forms are meant.
 */

function energyOfRun(input: usize, count: i32): f64 {
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const values = v128.load(input + ((<usize>i) << 2));
    const kept = v128.and(values, finiteMask(magnitude(values)));
    const d0 = f64x2.promote_low_f32x4(kept);
    const d1 = promoteHigh(kept);
    sum0 = f64x2.add(sum0, f64x2.mul(d0, d0));
    sum1 = f64x2.add(sum1, f64x2.mul(d1, d1));
  }
  let sum = sumLanes(f64x2.add(sum0, sum1));
  for (let i = vectors; i < count; i++) {
    const value = load<f32>(input + ((<usize>i) << 2));
    if (isFiniteValue(value)) sum += <f64>value * <f64>value;
  }
  return sum;
}

/** Adds squares of finite values to `sums` (float64, one a channel). */
export function channelEnergy(
  input: usize,
  count: i32,
  channels: i32,
  inner: i32,
  channel: i32,
  offset: i32,
  sums: usize,
): void {
  let done = 0;
  while (done < count) {
    const run = min(inner - offset, count - done);
    const at = sums + ((<usize>channel) << 3);
    store<f64>(at, load<f64>(at) + energyOfRun(input + ((<usize>done) << 2), run));
    done += run;
    offset = 0;
    if (++channel == channels) channel = 0;
  }
}

/** `channelEnergy` where inner is 1: `sums[channel]` of consecutive channels. */
export function columnEnergy(input: usize, count: i32, channels: i32, channel: i32, sums: usize): void {
  let done = 0;
  while (done < count) {
    const run = min(channels - channel, count - done);
    const from = input + ((<usize>done) << 2);
    const to = sums + ((<usize>channel) << 3);
    const vectors = run & ~3;
    for (let i = 0; i < vectors; i += 4) {
      const values = v128.load(from + ((<usize>i) << 2));
      const kept = v128.and(values, finiteMask(magnitude(values)));
      const d0 = f64x2.promote_low_f32x4(kept);
      const d1 = promoteHigh(kept);
      const at = to + ((<usize>i) << 3);
      v128.store(at, f64x2.add(v128.load(at), f64x2.mul(d0, d0)));
      v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(d1, d1)), 16);
    }
    for (let i = vectors; i < run; i++) {
      const value = load<f32>(from + ((<usize>i) << 2));
      const at = to + ((<usize>i) << 3);
      if (isFiniteValue(value)) store<f64>(at, load<f64>(at) + <f64>value * <f64>value);
    }
    done += run;
    channel = 0;
  }
}
