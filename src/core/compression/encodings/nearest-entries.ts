import type { Kernels, Region } from '../../kernels';
import type { Span } from '../../kernels/kernels';
import type { ScaleLayout } from '../../kernels/scale-layout';

/** Up to so many bits a value is compared with all thresholds, sixteen values at a time. */
const FEW_BITS = 4;
/** Codes by the upper 16 bits of a value: 64 KiB a table, for up to so many tables. */
const STARTS = 2 ** 16;
const LARGEST_TABLES = 64;
/** Beyond so many comparisons from there, halving the table is as fast. */
const LARGEST_STEPS = 4;

/** The nearest entries of tables, as codes: all ways give the same. */
export class NearestEntries {
  private readonly thresholds: Region;
  private readonly starts: Region | null = null;
  private readonly steps: number = 0;

  constructor(
    private readonly kernels: Kernels,
    private readonly layout: ScaleLayout,
    private readonly bits: number,
    tables: Float32Array,
  ) {
    const thresholds = thresholdsOf(tables, bits);
    this.thresholds = kernels.put(thresholds);
    if (bits <= FEW_BITS || layout.scales > LARGEST_TABLES) return;
    const { starts, steps } = startsOf(thresholds, bits);
    if (steps > LARGEST_STEPS) return;
    this.starts = kernels.take(starts.length);
    this.starts.bytes.set(starts);
    this.steps = steps;
  }

  /** One byte a code; `output` may be where the values are. */
  assign(span: Span, output: number): void {
    const { layout, bits, steps } = this;
    const { palettes } = this.kernels;
    if (this.starts === null) palettes.assign(span, layout, this.thresholds.address, bits, output);
    else {
      const from = { starts: this.starts.address, steps };
      palettes.assignFrom(span, layout, this.thresholds.address, bits, from, output);
    }
  }

  close(): void {
    this.kernels.give(this.thresholds);
    if (this.starts !== null) this.kernels.give(this.starts);
  }
}

/**
 * From which float32 on a value is as near to the next entry as to its own: the least one that is not below their middle
 * in float64, so that comparing float32 decides as comparing exact distances would. Entries that fill up a table are
 * never reached.
 */
export function thresholdsOf(tables: Float32Array, bits: number): Float32Array {
  const entries = 2 ** bits;
  return tables.map((entry, index) => {
    const next = tables[index + 1];
    if ((index + 1) % entries === 0 || next === undefined || next === entry) return Infinity;
    return ceilFloat32((entry + next) / 2);
  });
}

const FLOAT = new Float32Array(1);
const BITS = new Int32Array(FLOAT.buffer);

/** The least float32 that is not below a number. */
function ceilFloat32(value: number): number {
  FLOAT[0] = value;
  const nearest = FLOAT[0];
  if (nearest >= value) return nearest;
  // The next float32 upwards: bits grow away from zero.
  const bits = BITS[0] ?? 0;
  BITS[0] = nearest === 0 ? 1 : bits < 0 ? bits - 1 : bits + 1;
  return FLOAT[0];
}

/**
 * For the upper 16 bits of a float32, the code of the least value that has them: how many thresholds are not above it.
 * `steps`: the most thresholds above the least, and not above the largest value with the same bits. So the code of any
 * value is its start and at most `steps` more, found by comparing: the lookup is exact for all float32 and tables.
 */
export function startsOf(thresholds: Float32Array, bits: number): { starts: Uint8Array; steps: number } {
  const entries = 2 ** bits;
  const tables = thresholds.length / entries;
  const starts = new Uint8Array(tables * STARTS);
  let steps = 0;
  for (let table = 0; table < tables; table++) {
    const row = thresholds.subarray(table * entries, (table + 1) * entries);
    const own = starts.subarray(table * STARTS, (table + 1) * STARTS);
    let code = 0;
    for (const { upper, least, largest } of finiteUpperBits()) {
      while ((row[code] ?? Infinity) <= least) code++;
      own[upper] = code;
      let end = code;
      while ((row[end] ?? Infinity) <= largest) end++;
      steps = Math.max(steps, end - code);
    }
  }
  return { starts, steps };
}

/** Upper 16 bits of infinity: finite values have less, and a sign. */
const INFINITE = 0x7f80;
const NEGATIVE = 0x8000;

/** Upper 16 bits of all finite float32, from the most negative values up, with the least and largest value of each. */
function* finiteUpperBits(): Generator<{ upper: number; least: number; largest: number }> {
  for (let upper = NEGATIVE + INFINITE - 1; upper >= NEGATIVE; upper--) {
    yield { upper, least: floatOf(upper, 0xffff), largest: floatOf(upper, 0) };
  }
  for (let upper = 0; upper < INFINITE; upper++) {
    yield { upper, least: floatOf(upper, 0), largest: floatOf(upper, 0xffff) };
  }
}

function floatOf(upper: number, lower: number): number {
  BITS[0] = upper * 0x1_0000 + lower;
  return FLOAT[0] ?? 0;
}
