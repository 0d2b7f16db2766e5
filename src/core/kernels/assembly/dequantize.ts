import { nextSegment, segmentCount, segmentFirst, segmentScale, sharesScale } from './walk';

/*
 * value = (code - zeroPoint) * scale. Codes are bytes: int8 or uint8; `signed` is 1 or 0. Scales are float32, zero
 * points int32, those of the walk.
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

function dequantizeRun(from: usize, count: i32, scale: f32, zero: i32, signed: i32, to: usize): void {
  const scales = f32x4.splat(scale);
  const zeros = i32x4.splat(zero);
  const vectors = count & ~7;
  for (let i = 0; i < vectors; i += 8) {
    const eight = eightAt(from + <usize>i, signed);
    const at = to + ((<usize>i) << 2);
    v128.store(at, real(widen(eight, false, signed), zeros, scales));
    v128.store(at, real(widen(eight, true, signed), zeros, scales), 16);
  }
  for (let i = vectors; i < count; i++) {
    store<f32>(to + ((<usize>i) << 2), <f32>(codeAt(from + <usize>i, signed) - zero) * scale);
  }
}

function dequantizeRow(from: usize, count: i32, scales: usize, zeros: usize, signed: i32, to: usize): void {
  const vectors = count & ~7;
  for (let i = 0; i < vectors; i += 8) {
    const eight = eightAt(from + <usize>i, signed);
    const lane = (<usize>i) << 2;
    v128.store(to + lane, real(widen(eight, false, signed), v128.load(zeros + lane), v128.load(scales + lane)));
    v128.store(
      to + lane,
      real(widen(eight, true, signed), v128.load(zeros + lane, 16), v128.load(scales + lane, 16)),
      16,
    );
  }
  for (let i = vectors; i < count; i++) {
    const lane = (<usize>i) << 2;
    const difference = codeAt(from + <usize>i, signed) - load<i32>(zeros + lane);
    store<f32>(to + lane, <f32>difference * load<f32>(scales + lane));
  }
}

export function dequantize(input: usize, scales: usize, zeroPoints: usize, signed: i32, output: usize): void {
  const runs = sharesScale();
  while (nextSegment()) {
    const from = input + <usize>segmentFirst;
    const at = (<usize>segmentScale) << 2;
    const to = output + ((<usize>segmentFirst) << 2);
    if (runs) {
      dequantizeRun(from, segmentCount, load<f32>(scales + at), load<i32>(zeroPoints + at), signed, to);
    } else {
      dequantizeRow(from, segmentCount, scales + at, zeroPoints + at, signed, to);
    }
  }
}
