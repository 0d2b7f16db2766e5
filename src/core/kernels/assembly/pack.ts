/*
 * Codes of 1 to 7 bits, little-endian, low bits first: eight codes are `bits` bytes. Neighbours are joined in lanes of
 * 16, then 32, then 64 bits, sixteen codes at a time.
 */

function joined(codes: v128, bits: i32): v128 {
  const pairs = v128.or(v128.and(codes, i16x8.splat(0xff)), i16x8.shl(i16x8.shr_u(codes, 8), bits));
  const fours = v128.or(v128.and(pairs, i32x4.splat(0xffff)), i32x4.shl(i32x4.shr_u(pairs, 16), 2 * bits));
  return v128.or(v128.and(fours, i64x2.splat(0xffffffff)), i64x2.shl(i64x2.shr_u(fours, 32), 4 * bits));
}

function split(packed: v128, bits: i32): v128 {
  const four = i64x2.splat(((<i64>1) << (4 * bits)) - 1);
  const fours = v128.or(v128.and(packed, four), i64x2.shl(v128.and(i64x2.shr_u(packed, 4 * bits), four), 32));
  const two = i32x4.splat((1 << (2 * bits)) - 1);
  const pairs = v128.or(v128.and(fours, two), i32x4.shl(v128.and(i32x4.shr_u(fours, 2 * bits), two), 16));
  const low = (1 << bits) - 1;
  const one = i16x8.splat(<i16>low);
  return v128.or(v128.and(pairs, one), i16x8.shl(v128.and(i16x8.shr_u(pairs, bits), one), 8));
}

/**
 * Packs the low `bits` of one byte a code. `output` may be `input`. Bytes after the last packed one are left alone; in
 * the last one, bits that no code has are 0.
 */
export function pack(input: usize, count: i32, bits: i32, output: usize): void {
  const low = (1 << bits) - 1;
  const mask = i8x16.splat(<i8>low);
  // Eight bytes are stored for `bits` of them, so the last codes, which are at least eight bytes, go one by one.
  const vectors = max(0, count - 64) & ~15;
  let to = output;
  for (let i = 0; i < vectors; i += 16) {
    const packed = joined(v128.and(v128.load(input + <usize>i), mask), bits);
    v128.store64_lane(to, packed, 0);
    v128.store64_lane(to + <usize>bits, packed, 1);
    to += <usize>(2 * bits);
  }
  let pending: u32 = 0;
  let held = 0;
  for (let i = vectors; i < count; i++) {
    pending |= ((<u32>load<u8>(input + <usize>i)) & ((1 << bits) - 1)) << held;
    held += bits;
    if (held >= 8) {
      store<u8>(to++, <u8>pending);
      pending >>= 8;
      held -= 8;
    }
  }
  if (held > 0) store<u8>(to, <u8>pending);
}

/** Undoes `pack`: one byte a code, its sign extended to 8 bits where `signed`. Input and output do not overlap. */
export function unpack(input: usize, count: i32, bits: i32, signed: i32, output: usize): void {
  const sign = signed ? 1 << (bits - 1) : 0;
  const signs = i8x16.splat(<i8>sign);
  const vectors = max(0, count - 64) & ~15;
  let from = input;
  for (let i = 0; i < vectors; i += 16) {
    const packed = v128.load64_lane(from + <usize>bits, v128.load64_zero(from), 1);
    const codes = split(packed, bits);
    v128.store(output + <usize>i, i8x16.sub(v128.xor(codes, signs), signs));
    from += <usize>(2 * bits);
  }
  let pending: u32 = 0;
  let held = 0;
  for (let i = vectors; i < count; i++) {
    if (held < bits) {
      pending |= (<u32>load<u8>(from++)) << held;
      held += 8;
    }
    const code = pending & ((1 << bits) - 1);
    store<u8>(output + <usize>i, <u8>((code ^ sign) - sign));
    pending >>= bits;
    held -= bits;
  }
}
