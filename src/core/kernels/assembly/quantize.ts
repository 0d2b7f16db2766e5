/*
 * code = clip(round(value / scale), -limit, limit), halves to even, NaN to 0, infinities to the limits. The division is
 * kept (no reciprocal): codes equal those of the formula for every value.
 */

function codes(values: v128, scales: v128, limits: v128): v128 {
  const rounded = f32x4.nearest(f32x4.div(values, scales));
  const clipped = f32x4.pmax(f32x4.neg(limits), f32x4.pmin(limits, rounded));
  // pmin(limit, NaN) is the limit, so NaN is cleared by its own comparison.
  return i32x4.trunc_sat_f32x4_s(v128.and(clipped, f32x4.eq(values, values)));
}

function storeFour(to: usize, four: v128): void {
  const narrow = i16x8.narrow_i32x4_s(four, four);
  v128.store32_lane(to, i8x16.narrow_i16x8_s(narrow, narrow), 0);
}

function code(value: f32, scale: f32, limit: f32): i32 {
  if (value != value) return 0;
  return <i32>max(-limit, min(limit, nearest<f32>(value / scale)));
}

/** One run of one scale, sixteen values a step. */
function quantizeRun(from: usize, count: i32, scale: f32, limit: f32, to: usize): void {
  const scales = f32x4.splat(scale);
  const limits = f32x4.splat(limit);
  const vectors = count & ~15;
  for (let i = 0; i < vectors; i += 16) {
    const at = from + ((<usize>i) << 2);
    const low = i16x8.narrow_i32x4_s(codes(v128.load(at), scales, limits), codes(v128.load(at, 16), scales, limits));
    const high = i16x8.narrow_i32x4_s(
      codes(v128.load(at, 32), scales, limits),
      codes(v128.load(at, 48), scales, limits),
    );
    v128.store(to + <usize>i, i8x16.narrow_i16x8_s(low, high));
  }
  const fours = count & ~3;
  for (let i = vectors; i < fours; i += 4) {
    storeFour(to + <usize>i, codes(v128.load(from + ((<usize>i) << 2)), scales, limits));
  }
  for (let i = fours; i < count; i++) {
    store<i8>(to + <usize>i, <i8>code(load<f32>(from + ((<usize>i) << 2)), scale, limit));
  }
}

/** Float32 to int8, seen as [outer, channels, inner]; `scales` holds one float32 a channel. */
export function quantizeRuns(
  input: usize,
  count: i32,
  channels: i32,
  inner: i32,
  channel: i32,
  offset: i32,
  scales: usize,
  limit: f32,
  output: usize,
): void {
  let done = 0;
  while (done < count) {
    const run = min(inner - offset, count - done);
    quantizeRun(
      input + ((<usize>done) << 2),
      run,
      load<f32>(scales + ((<usize>channel) << 2)),
      limit,
      output + <usize>done,
    );
    done += run;
    offset = 0;
    if (++channel == channels) channel = 0;
  }
}

/** `quantizeRuns` where inner is 1. */
export function quantizeColumns(
  input: usize,
  count: i32,
  channels: i32,
  channel: i32,
  scales: usize,
  limit: f32,
  output: usize,
): void {
  const limits = f32x4.splat(limit);
  let done = 0;
  while (done < count) {
    const run = min(channels - channel, count - done);
    const from = input + ((<usize>done) << 2);
    const by = scales + ((<usize>channel) << 2);
    const to = output + <usize>done;
    const vectors = run & ~15;
    for (let i = 0; i < vectors; i += 16) {
      const at = from + ((<usize>i) << 2);
      const scale = by + ((<usize>i) << 2);
      const low = i16x8.narrow_i32x4_s(
        codes(v128.load(at), v128.load(scale), limits),
        codes(v128.load(at, 16), v128.load(scale, 16), limits),
      );
      const high = i16x8.narrow_i32x4_s(
        codes(v128.load(at, 32), v128.load(scale, 32), limits),
        codes(v128.load(at, 48), v128.load(scale, 48), limits),
      );
      v128.store(to + <usize>i, i8x16.narrow_i16x8_s(low, high));
    }
    const fours = run & ~3;
    for (let i = vectors; i < fours; i += 4) {
      const lane = (<usize>i) << 2;
      storeFour(to + <usize>i, codes(v128.load(from + lane), v128.load(by + lane), limits));
    }
    for (let i = fours; i < run; i++) {
      const scale = load<f32>(by + ((<usize>i) << 2));
      store<i8>(to + <usize>i, <i8>code(load<f32>(from + ((<usize>i) << 2)), scale, limit));
    }
    done += run;
    channel = 0;
  }
}
