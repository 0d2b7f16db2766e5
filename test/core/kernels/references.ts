/** What the kernels compute, in plain TypeScript over float64. */
export interface PlainStatistics {
  finite: number;
  zeros: number;
  nan: number;
  infinite: number;
  min: number;
  max: number;
  sum: number;
  sumOfSquares: number;
  absolutes: number;
}

export function plainStatistics(values: Float32Array): PlainStatistics {
  const finite = Array.from(values).filter(Number.isFinite);
  return {
    finite: finite.length,
    zeros: finite.filter((value) => value === 0).length,
    nan: values.filter(Number.isNaN).length,
    infinite: values.filter((value) => Math.abs(value) === Infinity).length,
    min: finite.reduce((a, b) => Math.min(a, b), Infinity),
    max: finite.reduce((a, b) => Math.max(a, b), -Infinity),
    sum: finite.reduce((a, b) => a + b, 0),
    sumOfSquares: finite.reduce((a, b) => a + b * b, 0),
    absolutes: finite.reduce((a, b) => a + Math.abs(b), 0),
  };
}

export function plainHistogram(values: Float32Array, min: number, max: number): number[] {
  const bins = new Array<number>(64).fill(0);
  const factor = max > min ? 64 / (max - min) : 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.max(0, Math.min(63, Math.trunc((value - min) * factor)));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}

/** The channel of an element in the shape [outer, channels, inner]. */
export function plainChannel(index: number, channels: number, inner: number): number {
  return Math.floor(index / inner) % channels;
}

export function plainRound(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

export function plainCode(value: number, scale: number, limit: number): number {
  if (Number.isNaN(value)) return 0;
  const code = Math.max(-limit, Math.min(limit, plainRound(Math.fround(value / scale))));
  return code === 0 ? 0 : code;
}

/** `clip(round(value / scale) + zero, low, high)` with NaN as 0. */
export function plainAffineCode(value: number, scale: number, zero: number, low: number, high: number): number {
  const rounded = Number.isNaN(value) ? 0 : plainRound(Math.fround(value / scale));
  const code = Math.max(low, Math.min(high, rounded + zero));
  return code === 0 ? 0 : code;
}

/** The number of an element's scale: its place in the shape of the scales, axis by axis. */
export function plainScaleIndex(
  element: number,
  shape: readonly number[],
  axis: number | null,
  block: number | null,
): number {
  if (axis === null) return 0;
  let index = 0;
  let stride = 1;
  let rest = element;
  for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
    const length = shape[dimension] ?? 1;
    const place = rest % length;
    rest = Math.floor(rest / length);
    if (block === null) {
      if (dimension === axis) return place;
      continue;
    }
    index += stride * (dimension === axis ? Math.floor(place / block) : place);
    stride *= dimension === axis ? Math.ceil(length / block) : length;
  }
  return index;
}

/** Float16 bits to the number they stand for. */
export function plainHalfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** All finite float16 values that are not negative, in order: bits 0 to 0x7bff. */
const HALVES = Float64Array.from({ length: 0x7c00 }, (_, bits) => plainHalfValue(bits));

/** The nearest float16, ties to even bits, found by search among all of them; beyond 65504 it is 65504. */
export function plainHalf(value: number): number {
  const sign = Object.is(Math.sign(value), -0) || value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude === Infinity) return sign | 0x7c00;
  let low = 0;
  let high = HALVES.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((HALVES[middle] ?? 0) <= magnitude) low = middle;
    else high = middle;
  }
  const below = magnitude - (HALVES[low] ?? 0);
  const above = (HALVES[high] ?? 0) - magnitude;
  if (below === above) return sign | (low % 2 === 0 ? low : high);
  return sign | (below < above ? low : high);
}
