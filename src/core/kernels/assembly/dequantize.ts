/*
 * value = (code - zeroPoint) * scale. Codes are bytes: int8 or uint8; `signed` is 1 or 0. Scales are float32, zero
 * points int32, one a channel of [outer, channels, inner].
 */

function codeAt(at: usize, signed: i32): i32 {
  return signed ? <i32>load<i8>(at) : <i32>load<u8>(at);
}

function widen(eight: v128, high: bool, signed: i32): v128 {
  if (signed) return high ? i32x4.extend_high_i16x8_s(eight) : i32x4.extend_low_i16x8_s(eight);
  return high ? i32x4.extend_high_i16x8_u(eight) : i32x4.extend_low_i16x8_u(eight);
}

function eightAt(at: usize, signed: i32): v128 {
  const bytes = v128.load64_zero(at);
  return signed ? i16x8.extend_low_i8x16_s(bytes) : i16x8.extend_low_i8x16_u(bytes);
}

function real(codes: v128, zeros: v128, scales: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(codes, zeros)), scales);
}

export function dequantizeRuns(
  input: usize,
  count: i32,
  channels: i32,
  inner: i32,
  channel: i32,
  offset: i32,
  scales: usize,
  zeroPoints: usize,
  signed: i32,
  output: usize,
): void {
  let done = 0;
  while (done < count) {
    const run = min(inner - offset, count - done);
    const scale = load<f32>(scales + ((<usize>channel) << 2));
    const zero = load<i32>(zeroPoints + ((<usize>channel) << 2));
    const scaleLanes = f32x4.splat(scale);
    const zeroLanes = i32x4.splat(zero);
    const from = input + <usize>done;
    const to = output + ((<usize>done) << 2);
    const vectors = run & ~7;
    for (let i = 0; i < vectors; i += 8) {
      const eight = eightAt(from + <usize>i, signed);
      const at = to + ((<usize>i) << 2);
      v128.store(at, real(widen(eight, false, signed), zeroLanes, scaleLanes));
      v128.store(at, real(widen(eight, true, signed), zeroLanes, scaleLanes), 16);
    }
    for (let i = vectors; i < run; i++) {
      store<f32>(to + ((<usize>i) << 2), <f32>(codeAt(from + <usize>i, signed) - zero) * scale);
    }
    done += run;
    offset = 0;
    if (++channel == channels) channel = 0;
  }
}

/** `dequantizeRuns` where inner is 1. */
export function dequantizeColumns(
  input: usize,
  count: i32,
  channels: i32,
  channel: i32,
  scales: usize,
  zeroPoints: usize,
  signed: i32,
  output: usize,
): void {
  let done = 0;
  while (done < count) {
    const run = min(channels - channel, count - done);
    const from = input + <usize>done;
    const to = output + ((<usize>done) << 2);
    const by = scales + ((<usize>channel) << 2);
    const less = zeroPoints + ((<usize>channel) << 2);
    const vectors = run & ~7;
    for (let i = 0; i < vectors; i += 8) {
      const eight = eightAt(from + <usize>i, signed);
      const lane = (<usize>i) << 2;
      v128.store(to + lane, real(widen(eight, false, signed), v128.load(less + lane), v128.load(by + lane)));
      v128.store(to + lane, real(widen(eight, true, signed), v128.load(less + lane, 16), v128.load(by + lane, 16)), 16);
    }
    for (let i = vectors; i < run; i++) {
      const lane = (<usize>i) << 2;
      const difference = codeAt(from + <usize>i, signed) - load<i32>(less + lane);
      store<f32>(to + lane, <f32>difference * load<f32>(by + lane));
    }
    done += run;
    channel = 0;
  }
}
