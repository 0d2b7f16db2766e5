import { countLanes, INFINITY_BITS, MAGNITUDE } from './finite';

/** Magnitude bits of 65520, the first float32 that rounds beyond the largest finite float16. */
const OVERFLOW_BITS: i32 = 0x477ff000;
/** Float16 bits of 65504. */
const LARGEST: i32 = 0x7bff;
/** Magnitude bits of 2^-14, the smallest normal float16. */
const NORMAL_BITS: i32 = 0x38800000;
/** Float32 exponents count from 127, those of float16 from 15; plus all but the last of the bits that are rounded off. */
const REBIAS_AND_ROUND: i32 = ((15 - 127) << 23) + 0xfff;
/** 0.5: added to a magnitude below 2^-14, it leaves the float16 subnormal, rounded by the processor, in the low bits. */
const SUBNORMAL_MAGIC: f32 = 0.5;
const SUBNORMAL_MAGIC_BITS: i32 = 0x3f000000;
/** 2^112 undoes the difference of the exponents, for subnormals too. */
const WIDEN: f32 = 5192296858534827628530496329220096.0;

function halfBits(value: f32): i32 {
  const all = reinterpret<i32>(value);
  const bits = all & MAGNITUDE;
  const sign = (all >>> 16) & 0x8000;
  if (bits > INFINITY_BITS) return sign | 0x7e00;
  if (bits == INFINITY_BITS) return sign | 0x7c00;
  if (bits >= OVERFLOW_BITS) return sign | LARGEST;
  if (bits < NORMAL_BITS)
    return sign | (reinterpret<i32>(reinterpret<f32>(bits) + SUBNORMAL_MAGIC) - SUBNORMAL_MAGIC_BITS);
  return sign | ((bits + REBIAS_AND_ROUND + ((bits >> 13) & 1)) >>> 13);
}

/** Float32 to float16, to nearest, halves to even. Finite values beyond 65504 become it. Returns how many did. */
export function halve(input: usize, count: i32, output: usize): i32 {
  const infinity = i32x4.splat(INFINITY_BITS);
  let overflows = i32x4.splat(0);
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const all = v128.load(input + ((<usize>i) << 2));
    const bits = v128.and(all, i32x4.splat(MAGNITUDE));
    const sign = v128.and(i32x4.shr_u(all, 16), i32x4.splat(0x8000));
    const odd = v128.and(i32x4.shr_u(bits, 13), i32x4.splat(1));
    const normal = i32x4.shr_u(i32x4.add(i32x4.add(bits, i32x4.splat(REBIAS_AND_ROUND)), odd), 13);
    const subnormal = i32x4.sub(f32x4.add(bits, f32x4.splat(SUBNORMAL_MAGIC)), i32x4.splat(SUBNORMAL_MAGIC_BITS));
    const big = i32x4.ge_s(bits, i32x4.splat(OVERFLOW_BITS));
    let half = v128.bitselect(subnormal, normal, i32x4.lt_s(bits, i32x4.splat(NORMAL_BITS)));
    half = v128.bitselect(i32x4.splat(LARGEST), half, big);
    half = v128.bitselect(i32x4.splat(0x7c00), half, i32x4.eq(bits, infinity));
    half = v128.bitselect(i32x4.splat(0x7e00), half, i32x4.gt_s(bits, infinity));
    half = v128.or(half, sign);
    overflows = i32x4.sub(overflows, v128.and(big, i32x4.lt_s(bits, infinity)));
    v128.store64_lane(output + ((<usize>i) << 1), i16x8.narrow_i32x4_u(half, half), 0);
  }
  let overflow = countLanes(overflows);
  for (let i = vectors; i < count; i++) {
    const value = load<f32>(input + ((<usize>i) << 2));
    const bits = reinterpret<i32>(value) & MAGNITUDE;
    if (bits >= OVERFLOW_BITS && bits < INFINITY_BITS) overflow++;
    store<u16>(output + ((<usize>i) << 1), <u16>halfBits(value));
  }
  return overflow;
}

/** Float16 to float32, exactly. */
export function widenFloat16(input: usize, count: i32, output: usize): void {
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const all = i32x4.extend_low_i16x8_u(v128.load64_zero(input + ((<usize>i) << 1)));
    const bits = v128.and(all, i32x4.splat(0x7fff));
    const sign = i32x4.shl(v128.and(all, i32x4.splat(0x8000)), 16);
    const shifted = i32x4.shl(bits, 13);
    const value = f32x4.mul(shifted, f32x4.splat(WIDEN));
    const special = v128.or(shifted, i32x4.splat(INFINITY_BITS));
    const kept = v128.bitselect(special, value, i32x4.ge_s(bits, i32x4.splat(0x7c00)));
    v128.store(output + ((<usize>i) << 2), v128.or(kept, sign));
  }
  for (let i = vectors; i < count; i++) {
    const all = <i32>load<u16>(input + ((<usize>i) << 1));
    const bits = all & 0x7fff;
    const shifted = bits << 13;
    const value = bits >= 0x7c00 ? shifted | INFINITY_BITS : reinterpret<i32>(reinterpret<f32>(shifted) * WIDEN);
    store<i32>(output + ((<usize>i) << 2), value | ((all & 0x8000) << 16));
  }
}

/** Bfloat16 to float32: its upper half. */
export function widenBfloat16(input: usize, count: i32, output: usize): void {
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const all = i32x4.extend_low_i16x8_u(v128.load64_zero(input + ((<usize>i) << 1)));
    v128.store(output + ((<usize>i) << 2), i32x4.shl(all, 16));
  }
  for (let i = vectors; i < count; i++) {
    store<i32>(output + ((<usize>i) << 2), (<i32>load<u16>(input + ((<usize>i) << 1))) << 16);
  }
}

/** Float32 bits from which on a finite value rounds beyond the largest finite bfloat16, and that largest one's. */
const BFLOAT_OVERFLOW_BITS: i32 = 0x7f7f8000;
const BFLOAT_LARGEST: i32 = 0x7f7f;
const BFLOAT_NAN: i32 = 0x7fc0;

/** Float32 to bfloat16, to nearest, halves to even. Finite values beyond the largest become it. Returns how many did. */
export function narrowBfloat16(input: usize, count: i32, output: usize): i32 {
  const infinity = i32x4.splat(INFINITY_BITS);
  let overflows = i32x4.splat(0);
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const all = v128.load(input + ((<usize>i) << 2));
    const bits = v128.and(all, i32x4.splat(MAGNITUDE));
    const sign = v128.and(i32x4.shr_u(all, 16), i32x4.splat(0x8000));
    const odd = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(1));
    let upper = i32x4.shr_u(i32x4.add(i32x4.add(bits, i32x4.splat(0x7fff)), odd), 16);
    const finite = i32x4.lt_s(bits, infinity);
    const big = v128.and(i32x4.ge_s(bits, i32x4.splat(BFLOAT_OVERFLOW_BITS)), finite);
    upper = v128.bitselect(i32x4.splat(BFLOAT_LARGEST), upper, big);
    upper = v128.bitselect(i32x4.splat(BFLOAT_NAN), upper, i32x4.gt_s(bits, infinity));
    overflows = i32x4.sub(overflows, big);
    const both = v128.or(upper, sign);
    v128.store64_lane(output + ((<usize>i) << 1), i16x8.narrow_i32x4_u(both, both), 0);
  }
  let overflow = countLanes(overflows);
  for (let i = vectors; i < count; i++) {
    const all = load<i32>(input + ((<usize>i) << 2));
    const bits = all & MAGNITUDE;
    let upper = (bits + 0x7fff + ((bits >> 16) & 1)) >>> 16;
    if (bits > INFINITY_BITS) upper = BFLOAT_NAN;
    else if (bits >= BFLOAT_OVERFLOW_BITS && bits < INFINITY_BITS) {
      upper = BFLOAT_LARGEST;
      overflow++;
    }
    store<u16>(output + ((<usize>i) << 1), <u16>(upper | ((all >>> 16) & 0x8000)));
  }
  return overflow;
}
