/** Bits of a float32 without its sign. */
export const MAGNITUDE: i32 = 0x7fffffff;
/** Magnitude bits of infinity; above it lie the NaNs, below it all finite values in their order. */
export const INFINITY_BITS: i32 = 0x7f800000;

/** Magnitude bits, lane by lane. */
export function magnitude(values: v128): v128 {
  return v128.and(values, i32x4.splat(MAGNITUDE));
}

/** All ones in the lanes whose value is finite. Magnitudes have no sign bit, so a signed comparison is right. */
export function finiteMask(magnitudes: v128): v128 {
  return i32x4.lt_s(magnitudes, i32x4.splat(INFINITY_BITS));
}

export function isFiniteValue(value: f32): bool {
  return (reinterpret<i32>(value) & MAGNITUDE) < INFINITY_BITS;
}

/** The two upper lanes as float64. */
export function promoteHigh(values: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(values, values, 2, 3, 2, 3));
}

export function sumLanes(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

export function countLanes(counts: v128): i32 {
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
}
