import { EdgewiseError } from '../../errors';
import type { Kernels } from '../../kernels';
import { DISTINCT_PLACES } from '../../kernels/palette-kernels';
import type { ScaleLayout } from '../../kernels/scale-layout';
import { breathe } from '../../progress';
import { kMeans } from './k-means';
import type { RealValues } from './real-values';
import type { PaletteScheme } from './scheme';
import { tablePoints } from './table-points';

/** Finds the tables of a palette: [tables, 2^bits], ascending, filled up with their last entries. */
export type TableFinder = (
  kernels: Kernels,
  values: RealValues,
  layout: ScaleLayout,
  bits: number,
  signal?: AbortSignal,
) => Promise<Float32Array>;

/** One more way to choose a table is one line. */
export const TABLES: Record<PaletteScheme['method'], TableFinder> = {
  kmeans: kMeansTables,
  uniform: uniformTables,
  unique: uniqueTables,
};

/** Means of the clusters of least squared error: see `kMeans` for when they are exact. */
async function kMeansTables(
  kernels: Kernels,
  values: RealValues,
  layout: ScaleLayout,
  bits: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const tables = new Float32Array(layout.scales * 2 ** bits);
  let table = 0;
  for await (const points of tablePoints(kernels, values, layout, signal)) {
    putTable(tables, table++, bits, kMeans(points, 2 ** bits));
    await breathe();
  }
  return tables;
}

/** Equal steps from the least to the largest finite value. Source: coremltools, `palettize_weights` in mode uniform. */
async function uniformTables(
  kernels: Kernels,
  values: RealValues,
  layout: ScaleLayout,
  bits: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const lows = kernels.put(new Float32Array(layout.scales).fill(Infinity));
  const highs = kernels.put(new Float32Array(layout.scales).fill(-Infinity));
  try {
    for await (const span of values.spans(signal)) kernels.codes.extremes(span, layout, 0, lows.address, highs.address);
    const tables = new Float32Array(layout.scales * 2 ** bits);
    const [low, high] = [kernels.floats(lows.address, layout.scales), kernels.floats(highs.address, layout.scales)];
    for (let table = 0; table < layout.scales; table++) {
      putTable(tables, table, bits, equalSteps(low[table] ?? 0, high[table] ?? 0, 2 ** bits));
    }
    return tables;
  } finally {
    kernels.give(lows);
    kernels.give(highs);
  }
}

function equalSteps(low: number, high: number, entries: number): Float64Array {
  if (low > high) return new Float64Array(0);
  if (low === high) return Float64Array.of(low);
  return Float64Array.from({ length: entries }, (_, index) => low + ((high - low) * index) / (entries - 1));
}

/** The values that occur. @throws EdgewiseError `unsupported` where there are more than the table holds. */
async function uniqueTables(
  kernels: Kernels,
  values: RealValues,
  layout: ScaleLayout,
  bits: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const counts = kernels.put(new Int32Array(layout.scales));
  const places = kernels.take(layout.scales * DISTINCT_PLACES * 4);
  try {
    places.bytes.fill(0xff);
    for await (const span of values.spans(signal)) {
      const full = kernels.palettes.distinct(span, layout, 2 ** bits, counts.address, places.address);
      if (full !== null) throw tooManyValues(layout, bits);
    }
    const tables = new Float32Array(layout.scales * 2 ** bits);
    for (let table = 0; table < layout.scales; table++) {
      const held = kernels.floats(places.address + table * DISTINCT_PLACES * 4, DISTINCT_PLACES);
      putTable(tables, table, bits, Float64Array.from(held.filter(Number.isFinite)).sort());
    }
    return tables;
  } finally {
    kernels.give(counts);
    kernels.give(places);
  }
}

function tooManyValues(layout: ScaleLayout, bits: number): EdgewiseError {
  const whose = layout.scales === 1 ? 'The weight' : 'A group of the weight';
  return new EdgewiseError(
    'unsupported',
    `${whose} holds more than ${2 ** bits} different values, which a ${bits}-bit palette of unique values cannot. Use more bits, or k-means.`,
  );
}

/** Entries that are the same as float32 count once; what is left of the table is filled up with the last entry. */
function putTable(tables: Float32Array, table: number, bits: number, ascending: Float64Array): void {
  const entries = 2 ** bits;
  const kept = Float32Array.from(ascending).filter((value, index, all) => index === 0 || value !== all[index - 1]);
  const row = tables.subarray(table * entries, (table + 1) * entries);
  row.fill(kept[kept.length - 1] ?? 0);
  row.set(kept.subarray(0, entries));
}
