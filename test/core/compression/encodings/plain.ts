/** What encodings mean, in plain TypeScript over whole arrays: what the streamed ones are compared with. */
import type { AffineScheme, PaletteScheme } from '../../../../src/core/compression/encodings/scheme';
import { plainAffineCode, plainRound, plainScaleIndex } from '../../kernels/references';

/** The largest float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** One number for each bit of little-endian packed codes, put together. */
export function plainPack(bits: number, codes: readonly number[]): number[] {
  const bytes = new Array<number>(Math.ceil((codes.length * bits) / 8)).fill(0);
  codes.forEach((code, i) => {
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      if ((code >> bit) & 1) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
    }
  });
  return bytes;
}

export interface PlainScales {
  scale: number[];
  zeroPoint: number[];
}

/** How many scales a shape has: one, one an index of the axis, or one a block. */
export function plainScaleCount(shape: readonly number[], axis: number | null, block: number | null): number {
  if (axis === null) return 1;
  const length = shape[axis] ?? 1;
  if (block === null) return length;
  return sizeOf(shape.map((extent, dimension) => (dimension === axis ? Math.ceil(length / block) : extent)));
}

/** The values of every scale. */
function scaled(values: Float32Array, shape: readonly number[], axis: number | null, block: number | null): number[][] {
  const groups = Array.from({ length: plainScaleCount(shape, axis, block) }, (): number[] => []);
  values.forEach((value, i) => groups[plainScaleIndex(i, shape, axis, block)]?.push(value));
  return groups;
}

/** Scales by the whole range, or without the outermost thousandth. */
export function plainScales(values: Float32Array, shape: readonly number[], scheme: AffineScheme): PlainScales {
  const { bits, symmetric, axis, block } = scheme;
  const result: PlainScales = { scale: [], zeroPoint: [] };
  for (const group of scaled(values, shape, axis, block)) {
    const finite = group.filter(Number.isFinite);
    const share = scheme.scales === 'percentile' ? (symmetric ? 0.001 : 0.0005) : 0;
    const cut = Math.floor(group.length * share);
    const outward = (numbers: number[]): number => numbers.filter((v) => v > 0).sort((a, b) => b - a)[cut] ?? 0;
    const low = symmetric ? -outward(finite.map(Math.abs)) : -outward(finite.map((v) => -v));
    const high = symmetric ? -low : outward(finite);
    const scale = Math.fround(symmetric ? high / (2 ** (bits - 1) - 1) : (high - low) / (2 ** bits - 1));
    const useful = scale >= 2 ** -126;
    const zero = useful && !symmetric ? Math.min(2 ** bits - 1, plainRound(-low / scale)) : 0;
    const steps = symmetric ? 2 ** (bits - 1) - 1 : Math.max(zero, 2 ** bits - 1 - zero);
    const overflows = !Number.isFinite(Math.fround(scale * steps));
    result.scale.push(overflows ? Math.fround((LARGEST / steps) * (1 - 2 ** -23)) : useful ? scale : 1);
    result.zeroPoint.push(zero);
  }
  return result;
}

/** Codes by scales, and the values that they mean. */
export function plainAffine(
  values: Float32Array,
  shape: readonly number[],
  scheme: AffineScheme,
  { scale, zeroPoint }: PlainScales,
): { codes: number[]; meant: number[] } {
  const limit = 2 ** (scheme.bits - 1) - 1;
  const [low, high] = scheme.symmetric ? [-limit, limit] : [0, 2 * limit + 1];
  const codes: number[] = [];
  const meant: number[] = [];
  values.forEach((value, i) => {
    const index = plainScaleIndex(i, shape, scheme.axis, scheme.block);
    const [s, z] = [scale[index] ?? NaN, zeroPoint[index] ?? 0];
    const code = plainAffineCode(value, s, z, low, high);
    codes.push(code);
    meant.push(Math.fround((code - z) * s));
  });
  return { codes, meant };
}

/** Which table an element has. */
export function plainTableIndex(
  element: number,
  shape: readonly number[],
  axis: number | null,
  groups: number,
): number {
  if (axis === null || groups === 1) return 0;
  return Math.floor((plainScaleIndex(element, shape, axis, null) * groups) / (shape[axis] ?? 1));
}

/**
 * The nearest entry of each value's table, the larger of two that are as near, the first of equal ones. Compared by
 * middles: distances of tiny values from huge entries all round to the same number.
 */
export function plainPalette(
  values: Float32Array,
  shape: readonly number[],
  scheme: PaletteScheme,
  tables: Float32Array,
): number[] {
  const entries = 2 ** scheme.bits;
  return Array.from(values, (value, i) => {
    const first = plainTableIndex(i, shape, scheme.axis, scheme.groups) * entries;
    const row = [...new Set(tables.subarray(first, first + entries))];
    const wanted = Number.isNaN(value) ? 0 : value;
    return row.filter((entry, code) => code > 0 && wanted >= (entry + (row[code - 1] ?? NaN)) / 2).length;
  });
}

/** Finite values of each table, ascending. */
export function plainGroups(
  values: Float32Array,
  shape: readonly number[],
  { axis, groups }: Pick<PaletteScheme, 'axis' | 'groups'>,
): number[][] {
  const found = Array.from({ length: groups }, (): number[] => []);
  values.forEach((value, i) => {
    if (Number.isFinite(value)) found[plainTableIndex(i, shape, axis, groups)]?.push(value + 0);
  });
  return found.map((group) => group.sort((a, b) => a - b));
}

/** Values after the smallest magnitudes went: the first of equal ones, NaN as 0. */
export function plainPruned(values: Float32Array, sparsity: number): Float32Array {
  const kept = values.map((value) => (Number.isNaN(value) ? 0 : value));
  const order = Array.from(kept, (value, index) => ({ magnitude: Math.abs(value), index })).sort((a, b) =>
    a.magnitude < b.magnitude ? -1 : a.magnitude > b.magnitude ? 1 : a.index - b.index,
  );
  for (const { index } of order.slice(0, Math.round(sparsity * values.length))) kept[index] = 0;
  return kept;
}

/** Squared error of means over the stretches that end at `ends`, by brute force: the least of all divisions. */
export function plainLeastError(sorted: readonly number[], clusters: number): number {
  const error = (from: number, to: number): number => {
    const part = sorted.slice(from, to);
    const mean = part.reduce((a, b) => a + b, 0) / Math.max(1, part.length);
    return part.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const best = (from: number, left: number): number => {
    if (left === 1) return error(from, sorted.length);
    let least = Infinity;
    for (let end = from; end <= sorted.length; end++) least = Math.min(least, error(from, end) + best(end, left - 1));
    return least;
  };
  return best(0, clusters);
}

/** Sum of squared distances to the nearest of some means. */
export function plainError(values: readonly number[], means: ArrayLike<number>): number {
  return values.reduce((sum, value) => {
    let least = Infinity;
    for (let i = 0; i < means.length; i++) least = Math.min(least, (value - (means[i] ?? NaN)) ** 2);
    return sum + least;
  }, 0);
}
