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

/** How many values of a chunk are NaN or infinite. */
export function countNonFinite(input: usize, count: i32): i32 {
  let finite = i32x4.splat(0);
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    // A mask of all ones is -1.
    finite = i32x4.sub(finite, finiteMask(magnitude(v128.load(input + ((<usize>i) << 2)))));
  }
  let found = countLanes(finite);
  for (let i = vectors; i < count; i++) if (isFiniteValue(load<f32>(input + ((<usize>i) << 2)))) found++;
  return count - found;
}
